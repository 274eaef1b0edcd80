import qrcode from "qrcode-generator";

const QUIET_MODULES = 4;

/** A QR code, dark on light in both themes, as cameras read it best. */
export default function QrCode({ text, label }: { readonly text: string; readonly label: string }) {
  const code = qrcode(0, "M");
  code.addData(text);
  code.make();
  const count = code.getModuleCount();
  const places = [...Array(count).keys()];
  const path = places
    .flatMap((row) =>
      places
        .filter((column) => code.isDark(row, column))
        .map((column) => `M${column + QUIET_MODULES} ${row + QUIET_MODULES}h1v1h-1z`),
    )
    .join("");
  const size = count + 2 * QUIET_MODULES;
  return (
    <svg className="qr-code" viewBox={`0 0 ${size} ${size}`} role="img" aria-label={label} shapeRendering="crispEdges">
      <rect width={size} height={size} className="qr-light" />
      <path d={path} className="qr-dark" />
    </svg>
  );
}
