/** Whether this page can use passkeys: they need https or localhost, and a host name. */
export function canUsePasskeys(): boolean {
  return "PublicKeyCredential" in globalThis && isSecureContext && !/^[\d.]+$|^\[/.test(location.hostname);
}

type Options = Readonly<Record<string, unknown>>;

/** Has the browser make a passkey, and returns what the server stores of it. */
export async function makePasskey(options: Options): Promise<Options> {
  const publicKey = PublicKeyCredential.parseCreationOptionsFromJSON(
    options as unknown as PublicKeyCredentialCreationOptionsJSON,
  );
  return read(() => navigator.credentials.create({ publicKey }));
}

/** Has the browser sign with a passkey, and returns what the server checks. */
export async function signWithPasskey(options: Options): Promise<Options> {
  const publicKey = PublicKeyCredential.parseRequestOptionsFromJSON(
    options as unknown as PublicKeyCredentialRequestOptionsJSON,
  );
  return read(() => navigator.credentials.get({ publicKey }));
}

async function read(ask: () => Promise<Credential | null>): Promise<Options> {
  let credential: Credential | null;
  try {
    credential = await ask();
  } catch (error) {
    throw new Error(sentenceOf(error), { cause: error });
  }
  if (!(credential instanceof PublicKeyCredential)) throw new Error("The browser returned no passkey. Try again.");
  return credential.toJSON() as unknown as Options;
}

function sentenceOf(error: unknown): string {
  const name = error instanceof DOMException ? error.name : "";
  if (name === "InvalidStateError") return "This device has a passkey for your account already.";
  if (name === "NotAllowedError") return "The passkey was not used: it was canceled, or took too long. Try again.";
  return "The browser can't use a passkey here. Try another way.";
}
