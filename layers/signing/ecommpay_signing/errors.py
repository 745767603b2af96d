"""Everything this package raises on purpose.

SigningError
├── SignatureMismatch    the message is not believed: no signature, or none of the keys made it  (answer 403)
└── MalformedMessage     the bytes or values have no form that could be signed                   (answer 400)

No message of these errors holds a key, a signature or a value of the message.
"""


class SigningError(Exception):
    """The root of this package's errors."""


class SignatureMismatch(SigningError):
    """The message carries no signature that one of the secret keys makes."""


class MalformedMessage(SigningError):
    """The message is not strict JSON, or holds something that no signed text can be made of."""
