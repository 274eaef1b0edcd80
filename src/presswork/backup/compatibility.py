"""Whether a backup can be restored in a place. Checked before anything is written."""

from pathlib import Path

from asyncpg import Record

from presswork.backup.archive import KEY
from presswork.backup.model import Contents, MediaPlace, NotRestorable
from presswork.crypto.keyring import find_keyring, key_file
from presswork.db.migrate import migrations
from presswork.media.store import local_folder
from presswork.platforms.settings import Settings


def require_known(contents: Contents) -> None:
    """Raise NotRestorable if the backup has migrations that this program does not know."""
    known = {step.version for step in migrations()}
    if ahead := sorted(set(contents.facts.migrations) - known):
        raise NotRestorable(
            f"This backup was made by a newer Presswork ({contents.facts.presswork}; migration {ahead[-1]} is not known "
            "here). Restore it with that version or a later one.",
            migrations=ahead,
        )


def require_empty(settings: Settings, contents: Contents, found: Record | None) -> Record:
    """Return what was found in the database. Raises NotRestorable unless it is empty and has the schema of the backup."""
    schema = contents.facts.schema
    if found is None or found["schema"] != schema:
        raise NotRestorable(
            f"The tables of this backup are in the schema {schema}, and the search_path of this database starts with "
            f"{'no schema' if found is None or found['schema'] is None else found['schema']}. Create {schema}, or change the "
            "search_path."
        )
    if not found["things"]:
        return found
    folder = settings.data_dir
    if settings.database_url is None:
        raise NotRestorable(
            f"{folder} already holds a database, and a restore changes nothing that exists. Stop Presswork, move the folder "
            f"aside (mv {folder} {folder}.before), and restore again."
        )
    raise NotRestorable(
        f"The database that PRESSWORK_DATABASE_URL names is not empty ({found['things']} tables, indexes and the like), and a "
        "restore changes nothing that exists. Create a new database, set its URL, and restore again."
    )


def media_folder(settings: Settings, contents: Contents) -> Path | None:
    """Return the folder to restore media into, or None if it was and is in a bucket. Raises NotRestorable if that changed."""
    place = local_folder(settings.media_store or settings.data_dir / "media")
    was_bucket = contents.facts.media is MediaPlace.BUCKET
    if was_bucket and place is not None:
        raise NotRestorable(
            "The media of this backup is in a bucket. Set PRESSWORK_MEDIA_STORE to that bucket, and restore again."
        )
    if not was_bucket and place is None:
        raise NotRestorable(
            "The media of this backup was in a folder, and PRESSWORK_MEDIA_STORE names a bucket. Set it to a folder, "
            "and restore again."
        )
    return place


def needs_key(settings: Settings, contents: Contents, *, are_keys_lost: bool) -> bool:
    """Return whether to restore the key of the backup. Raises NotRestorable if this installation has other keys."""
    keyring = find_keyring(settings)
    if keyring is None and KEY in contents.parts:
        return True
    present = () if keyring is None else keyring.fingerprints()
    if are_keys_lost or set(contents.facts.keys) <= set(present):
        return False
    path = key_file(settings)
    if keyring is None:
        what, fix = (
            "This backup was made without its secret keys",
            f"Set PRESSWORK_SECRET_KEYS to them, or put them into {path}",
        )
    else:
        is_file = settings.secret_keys is None
        what = f"{path if is_file else 'PRESSWORK_SECRET_KEYS'} does not hold the secret keys of this backup"
        if KEY not in contents.parts:
            fix = "Put the keys of the installation there"
        else:
            fix = f"Move {path} aside: the backup has them" if is_file else "Unset it: the backup has them"
    raise NotRestorable(
        f"{what}, and no account works without them. {fix}. If they are lost, pass --keys-are-lost: then each account has to "
        "be connected again."
    )
