package fetch

import (
	"path"

	"github.com/lanes-ml/lanes/net/data"
)

// Archive is what [Fetch] fetches: a gzipped tar file. Its hash is known beforehand, so
// that it may come from anywhere and in pieces.
type Archive struct {
	URL    string   // where it was published
	Size   int64    // in bytes
	SHA256 string   // in lower-case hexadecimal
	Folder string   // the folder that holds all its entries
	Files  []string // files that the folder must have
}

// Published returns the archive in which CIFAR-10's authors publish a version.
func Published(v data.Version) Archive {
	a := Archive{Folder: v.Folder(), Files: v.Files()}
	switch v {
	case data.Binary:
		a.URL = "https://www.cs.toronto.edu/~kriz/cifar-10-binary.tar.gz"
		a.Size = 170_052_171
		a.SHA256 = "c4a38c50a1bc5f3a1c5537f2155ab9d68f9f25eb1ed8d9ddda3db29a59bca1dd"
	case data.Python:
		a.URL = "https://www.cs.toronto.edu/~kriz/cifar-10-python.tar.gz"
		a.Size = 170_498_071
		a.SHA256 = "6d958be074577803d12ecdefd02955f39262c83c16fe9348329d7fe0b5c001ce"
	}
	return a
}

// name is the archive's file name.
func (a Archive) name() string { return path.Base(a.URL) }
