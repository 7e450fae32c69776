// SPDX-License-Identifier: GPL-3.0-or-later
// A window keeps what is done in it: never among what the person who runs the tests has.
#pragma once

#include <QDir>
#include <QTemporaryDir>

namespace manyhands::app::test {

/// The data folder of this test and of what it starts, from before main() on.
struct OwnDataFolder
{
    OwnDataFolder() { qputenv("XDG_DATA_HOME", folder.path().toLocal8Bit()); }
    QTemporaryDir folder;
};
inline const OwnDataFolder ownDataFolder;

/// Nothing is known any more of what windows before have kept.
inline void forgetWhatWasKept()
{
    QDir(ownDataFolder.folder.path() + QStringLiteral("/manyhands")).removeRecursively();
}

} // namespace manyhands::app::test
