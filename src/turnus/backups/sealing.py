"""A backup that only a passphrase opens, in the format of age (age-encryption.org).

The ZIP is encrypted for a key of its own, and that key for the passphrase; both stand in one file,
which the programs `unzip` and `age` open as well.
"""

import shutil
import zipfile
from pathlib import Path

from turnus.kit.errors import UserError

_KEY = "key.age"
_BACKUP = "backup.zip.age"


def seal(path: Path, target: Path, passphrase: str) -> None:
    """Write the file at `path` to `target`, encrypted."""
    from pyrage import encrypt_file, x25519
    from pyrage import passphrase as by_passphrase

    identity = x25519.Identity.generate()
    encrypted = target.with_name(f"{target.name}.age")
    try:
        encrypt_file(str(path), str(encrypted), [identity.to_public()])
        with zipfile.ZipFile(target, "w") as archive:
            key = by_passphrase.encrypt(str(identity).encode(), passphrase)
            archive.writestr(_KEY, key)
            archive.write(encrypted, _BACKUP)
    finally:
        encrypted.unlink(missing_ok=True)


def is_sealed(path: Path) -> bool:
    """Return whether a file is an encrypted backup."""
    try:
        with zipfile.ZipFile(path) as archive:
            return _KEY in archive.namelist()
    except (OSError, zipfile.BadZipFile):
        return False


def unseal(path: Path, target: Path, passphrase: str) -> None:
    """Write what is encrypted in `path` to `target`; raises UserError for a wrong passphrase."""
    from pyrage import DecryptError, decrypt_file, x25519
    from pyrage import passphrase as by_passphrase

    encrypted = target.with_name(f"{target.name}.age")
    try:
        with zipfile.ZipFile(path) as archive:
            key = by_passphrase.decrypt(archive.read(_KEY), passphrase)
            with archive.open(_BACKUP) as source, encrypted.open("wb") as copy:
                shutil.copyfileobj(source, copy)
        identity = x25519.Identity.from_str(key.decode())
        decrypt_file(str(encrypted), str(target), [identity])
    except DecryptError as error:
        raise UserError("backup.passphrase_wrong", file=path.name) from error
    except (zipfile.BadZipFile, KeyError, ValueError) as error:
        raise UserError("backup.damaged", file=path.name) from error
    finally:
        encrypted.unlink(missing_ok=True)
