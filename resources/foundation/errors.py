"""The few errors that the product has. Doors translate them; nothing else raises at a user."""


class MillraceError(Exception):
    """Something the person can act on; the message names the thing, the reason and the remedy."""


class Missing(MillraceError):
    """What was asked for does not exist, or not for this organization."""


class Refused(MillraceError):
    """The request is understood and not allowed, or not sensible as it stands."""


class Conflict(MillraceError):
    """The request collides with the present state of a thing, such as a name that is taken."""


class Unavailable(MillraceError):
    """A part that is needed (database, provider, disk) does not answer now; trying again later may help."""


class Misconfigured(MillraceError):
    """A setting, an installed version or a permission must be mended before anything can work."""


class TooMany(MillraceError):
    """More is asked than is allowed, or can be done, at a time; it may be asked again after `retry_after_s` seconds."""

    def __init__(self, message: str, *, retry_after_s: int) -> None:
        super().__init__(message)
        self.retry_after_s = retry_after_s
