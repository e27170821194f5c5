"""A model of a disk that keeps only what was synced, fed with the system calls of a trace.

A file is its bytes, a folder its names. Each remembers its changes in order, and how many of them an fsync has made
durable: the ones that had ended before that fsync began. An fsync of a file does not make its name durable; that
takes an fsync of its folder. A rename within a folder happens whole or not at all; one between folders is a change of
each, and nothing orders the two.
"""
import os


class Node:
    """What can be synced: `synced`, and the `changes` since."""

    def __init__(self):
        self.changes = []
        self.folded = 0  # changes that are part of `synced`

    def mark(self):
        """How things stand, for an fsync that begins."""
        return self.folded + len(self.changes)

    def sync(self, mark):
        """The end of that fsync. Others may have ended meanwhile."""
        count = max(0, mark - self.folded)
        self.synced = self.with_changes(count)
        del self.changes[:count]
        self.folded += count


class File(Node):
    """A change is (offset, bytes), or (length, None) for a new length."""

    def __init__(self):
        super().__init__()
        self.content = bytearray()
        self.synced = b""

    def change(self, offset, data):
        self.changes.append((offset, data))
        apply(self.content, offset, data)

    def with_changes(self, count):
        content = bytearray(self.synced)
        for offset, data in self.changes[:count]:
            apply(content, offset, data)
        return bytes(content)


def apply(content, offset, data):
    if data is None:
        del content[offset:]
    if offset > len(content):
        content.extend(bytes(offset - len(content)))
    if data is not None:
        content[offset : offset + len(data)] = data


class Folder(Node):
    """A change is one or more of (name, what it is now, or None), which come together."""

    def __init__(self):
        super().__init__()
        self.names = {}
        self.synced = {}

    def change(self, *changes):
        self.changes.append(changes)
        set_names(self.names, changes)

    def with_changes(self, count):
        names = dict(self.synced)
        for changes in self.changes[:count]:
            set_names(names, changes)
        return names


def set_names(names, changes):
    for name, node in changes:
        if node is None:
            names.pop(name, None)
        else:
            names[name] = node


# What may be left after a crash, as functions of a file or folder: what was synced and no more; names as they last
# were, with synced bytes only (a rename that overtakes the data); everything, as after the death of processes alone;
# and any number of the first changes of each.
def synced_only(node):
    return node.with_changes(0)


def names_first(node):
    return node.with_changes(len(node.changes) if isinstance(node, Folder) else 0)


def everything(node):
    return node.with_changes(len(node.changes))


def by_chance(random):
    chosen = {}

    def choose(node):
        if id(node) not in chosen:
            chosen[id(node)] = node.with_changes(random.randint(0, len(node.changes)))
        return chosen[id(node)]

    return choose


class Disk:
    """What lies below `root`, which is there, and durable, from the beginning."""

    def __init__(self, root):
        self.root_path = root
        self.root = Folder()
        self.marks = {}  # of the syncs under way

    def find(self, path):
        """The file or folder, or None."""
        node = self.root
        for part in self._parts(path):
            node = node.names.get(part) if isinstance(node, Folder) else None
        return node

    def _parts(self, path):
        return [part for part in path[len(self.root_path) :].split("/") if part]

    def _holds(self, path):
        return path is not None and (path + "/").startswith(self.root_path + "/")

    def _place(self, path):
        """The folder and the name in it."""
        folder, _, name = path.rpartition("/")
        return self.find(folder), name

    def begin(self, call):
        if call.name in ("fsync", "fdatasync"):
            path = call.descriptor_path(0)
            if self._holds(path):
                node = self.find(path)
                self.marks[call.begin] = (node, node.mark())

    def end(self, call):
        handler = getattr(self, "_" + call.name, None)
        if call.good and handler is not None:
            handler(call)

    # --- one method for each system call ---

    def _openat(self, call):
        self._open(call, 1, 0)

    def _open(self, call, path_at=0, folder_at=None):
        flags = call.arguments[path_at + 1].split("|")
        path = call.path(path_at, folder_at)
        if not self._holds(path):
            return
        node = self.find(path)
        if node is None and "O_CREAT" in flags:
            folder, name = self._place(path)
            folder.change((name, File()))
        elif node is not None and "O_TRUNC" in flags:
            node.change(0, None)

    def _written(self, call):
        """The file and the bytes that a write() of any kind put into it."""
        path = call.descriptor_path(0)
        if not self._holds(path):
            return None, b""
        return self.find(path), call.bytes(1)[: call.result]

    def _write(self, call):
        # Nothing in the state folder is written but from its beginning to its end; a seek would show when the
        # model is compared with the real folder.
        file, data = self._written(call)
        if file is not None:
            file.change(len(file.content), data)

    def _pwrite64(self, call):
        file, data = self._written(call)
        if file is not None:
            file.change(call.number(3), data)

    def _ftruncate(self, call):
        path = call.descriptor_path(0)
        if self._holds(path):
            self.find(path).change(call.number(1), None)

    def _mkdir(self, call, path_at=0, folder_at=None):
        path = call.path(path_at, folder_at)
        if self._holds(path):
            folder, name = self._place(path)
            folder.change((name, Folder()))

    def _mkdirat(self, call):
        self._mkdir(call, 1, 0)

    def _unlink(self, call, path_at=0, folder_at=None):
        path = call.path(path_at, folder_at)
        if self._holds(path):
            folder, name = self._place(path)
            folder.change((name, None))

    _rmdir = _unlink

    def _unlinkat(self, call):
        self._unlink(call, 1, 0)

    def _rename(self, call, from_at=0, to_at=1, from_folder=None, to_folder=None):
        source, target = call.path(from_at, from_folder), call.path(to_at, to_folder)
        if not self._holds(source):
            return
        node = self.find(source)
        (old, old_name), (new, new_name) = self._place(source), self._place(target)
        if old is new:
            old.change((old_name, None), (new_name, node))
        else:
            old.change((old_name, None))
            new.change((new_name, node))

    def _renameat(self, call):
        self._rename(call, 1, 3, 0, 2)

    _renameat2 = _renameat

    def _link(self, call, from_at=0, to_at=1, from_folder=None, to_folder=None):
        source, target = call.path(from_at, from_folder), call.path(to_at, to_folder)
        if self._holds(target):
            folder, name = self._place(target)
            folder.change((name, self.find(source)))

    def _linkat(self, call):
        self._link(call, 1, 3, 0, 2)

    def _fsync(self, call):
        node, mark = self.marks.pop(call.begin, (None, 0))
        if node is not None:
            node.sync(mark)

    _fdatasync = _fsync

    # --- what is left of it ---

    def tree(self, left):
        """Everything as nested values: a folder is a dict, a file its bytes. `left` is one of the functions above."""
        def look(node):
            if isinstance(node, Folder):
                return {name: look(inner) for name, inner in left(node).items()}
            return left(node)

        return look(self.root)


def at(tree, path):
    """What lies at a path in a tree, or None."""
    for part in path.split("/"):
        tree = tree.get(part) if isinstance(tree, dict) else None
    return tree


def write_tree(tree, folder):
    os.makedirs(folder)
    for name, content in tree.items():
        path = os.path.join(folder, name)
        if isinstance(content, dict):
            write_tree(content, path)
        else:
            with open(path, "wb") as file:
                file.write(content)


def read_tree(folder):
    tree = {}
    for entry in os.scandir(folder):
        if entry.is_dir():
            tree[entry.name] = read_tree(entry.path)
        else:
            with open(entry.path, "rb") as file:
                tree[entry.name] = file.read()
    return tree
