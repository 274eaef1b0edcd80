"""Whether a backup can be restored in a place. All of this is asked before anything is written."""

from pathlib import Path

from presswork.backup.archive import KEY, Contents
from presswork.backup.model import MediaPlace, NotRestorable
from presswork.core.settings import Settings
from presswork.crypto.keyring import find_keyring, key_file
from presswork.db.embedded import describe
from presswork.db.migrate import migrations
from presswork.media.store import local_folder


def require_known(contents: Contents) -> None:
    """Raise NotRestorable if a backup has steps of the schema that this program does not know."""
    known = {step.version for step in migrations()}
    if ahead := sorted(set(contents.facts.migrations) - known):
        raise NotRestorable(
            f"This backup was made by a newer Presswork ({contents.facts.presswork}; migration {ahead[-1]} is not known "
            "here). Restore it with that version or a later one.",
            migrations=ahead,
        )


def require_nothing_there(settings: Settings) -> None:
    """Raise NotRestorable if the data folder has a database of its own; an external one is looked at later."""
    folder = settings.data_dir
    if settings.database_url is None and describe(folder).is_initialised:
        raise NotRestorable(
            f"{folder} holds a database already, and a restore changes nothing that is there. Stop Presswork, move the "
            f"folder aside (mv {folder} {folder}.before), and restore again."
        )


def media_folder(settings: Settings, contents: Contents) -> Path | None:
    """Return where the media goes; None: it is in a bucket, then and now. Raises NotRestorable if that has changed."""
    place = local_folder(settings.media_store or settings.data_dir / "media")
    was_bucket = contents.facts.media is MediaPlace.BUCKET
    if was_bucket and place is not None:
        raise NotRestorable(
            "The media of this backup is in a bucket. Name the bucket in PRESSWORK_MEDIA_STORE, and restore again."
        )
    if not was_bucket and place is None:
        raise NotRestorable(
            "The media of this backup was in a folder, and PRESSWORK_MEDIA_STORE names a bucket. Name a folder instead, "
            "and restore again."
        )
    return place


def needs_key(settings: Settings, contents: Contents, *, are_keys_lost: bool) -> bool:
    """Tell whether the key in the backup is to be put in place. Raises NotRestorable if the keys at hand are others."""
    keyring = find_keyring(settings)
    if keyring is None and KEY in contents.parts:
        return True
    at_hand = () if keyring is None else keyring.fingerprints()
    if are_keys_lost or set(contents.facts.keys) <= set(at_hand):
        return False
    raise NotRestorable(_why_not(settings, contents, has_key=keyring is not None))


def _why_not(settings: Settings, contents: Contents, *, has_key: bool) -> str:
    path = key_file(settings)
    if not has_key:
        return (
            "This backup was made without its secret keys, and without them no account works. Set PRESSWORK_SECRET_KEYS "
            f"to them, or put them into {path}. If they are lost, say --keys-are-lost: then each account has to be "
            "connected again."
        )
    place = "PRESSWORK_SECRET_KEYS" if settings.secret_keys is not None else str(path)
    mend = (
        "Unset it: the backup has them"
        if settings.secret_keys is not None
        else f"Move {path} aside: the backup has them"
    )
    if KEY not in contents.parts:
        mend = "Put the keys of the installation there"
    return (
        f"{place} does not hold the secret keys of this backup, and without them no account works. {mend}. If they are "
        "lost, say --keys-are-lost: then each account has to be connected again."
    )
