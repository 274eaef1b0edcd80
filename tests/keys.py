"""Keys that tests make."""

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec


def private_key(curve: ec.EllipticCurve | None = None) -> str:
    """Return a private key as openssl writes it, of the curve P-256 unless another is given."""
    form = (serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    return ec.generate_private_key(curve or ec.SECP256R1()).private_bytes(*form).decode()
