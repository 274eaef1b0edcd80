import type { Environment } from "presswork-client";
import { Dialog, Modal, ModalOverlay } from "react-aria-components";
import type { SignedIn } from "../api/session";
import { Sidebar } from "./Sidebar";

interface DrawerProps {
  readonly environment: Environment;
  readonly session: SignedIn;
  readonly onClose: () => void;
}

/** The navigation on a phone. */
export default function Drawer({ environment, session, onClose }: DrawerProps) {
  return (
    <ModalOverlay className="backdrop" isOpen onOpenChange={(isOpen) => isOpen || onClose()} isDismissable>
      <Modal className={`drawer shell ${environment}`}>
        <Dialog aria-label="Screens">
          <Sidebar environment={environment} session={session} onFind={null} />
        </Dialog>
      </Modal>
    </ModalOverlay>
  );
}
