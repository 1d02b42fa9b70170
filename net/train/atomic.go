package train

import "github.com/lanes-ml/lanes/net/internal/atomicfile"

// WriteFile replaces the file's content so that, whenever the machine stops, it is the
// whole old content or the whole new one. An existing file keeps its mode. If path is a
// link, the file that it leads to is replaced; anything but a regular file, such as a
// folder or a device, is an error. Errors name the file.
func WriteFile(path string, content []byte) error { return atomicfile.WriteFile(path, content) }
