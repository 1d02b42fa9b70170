package fetch

import (
	"archive/tar"
	"bufio"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"

	"github.com/lanes-ml/lanes/net/internal/atomicfile"
)

// The limits of what an archive may unpack to, far less than would fill a disk. The
// published archives have eight files of 186 MB together.
const (
	maxEntries  = 100
	maxUnpacked = 400 << 20
)

// temporary is the prefix of the names of temporary folders, and of no other names.
const temporary = ".lanes-unpack-"

// unpack unpacks the archive to the folder target, as a whole or not at all.
func (f *fetcher) unpack(ctx context.Context, archive io.ReaderAt, target string) (err error) {
	temp, err := os.MkdirTemp(f.dir, temporary)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(temp)) }()
	root, err := os.OpenRoot(temp)
	if err != nil {
		return err
	}
	defer root.Close()
	in := bufio.NewReaderSize(io.NewSectionReader(archive, 0, f.Size), 1<<20)
	if err := extract(ctx, in, root, f.Folder, maxUnpacked); err != nil {
		return fmt.Errorf("%s: %w", f.name(), err)
	}
	for _, name := range f.Files {
		info, err := root.Lstat(filepath.Join(f.Folder, name))
		if err != nil || !info.Mode().IsRegular() {
			return fmt.Errorf("%s: %w: it has no file %s/%s", f.name(), ErrWrong, f.Folder, name)
		}
	}
	whole := filepath.Join(temp, f.Folder)
	if err := atomicfile.SyncFolder(whole); err != nil {
		return err
	}
	if err := os.Rename(whole, target); err != nil {
		return err
	}
	return atomicfile.SyncFolder(f.dir)
}

// extract writes the files of a gzipped tar file to root. All must lie in the folder of
// that name and have at most limit bytes together. An entry that lies elsewhere or
// needs more bytes, a link, and too many entries are errors.
func extract(ctx context.Context, in io.Reader, root *os.Root, folder string, limit int64) error {
	unzipped, err := gzip.NewReader(in)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrWrong, err)
	}
	archive := tar.NewReader(unzipped)
	room := limit
	for n := 0; ; n++ {
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		entry, err := archive.Next()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return fmt.Errorf("%w: %w", ErrWrong, err)
		}
		if n == maxEntries {
			return fmt.Errorf("%w: more than %d entries", ErrWrong, maxEntries)
		}
		if room -= entry.Size; entry.Size < 0 || room < 0 {
			return fmt.Errorf("%w: entry %q of %d bytes makes more than %d", ErrWrong, entry.Name, entry.Size, limit)
		}
		if err := extractEntry(archive, entry, root, folder); err != nil {
			return err
		}
	}
}

func extractEntry(archive io.Reader, entry *tar.Header, root *os.Root, folder string) error {
	name := path.Clean(entry.Name)
	if name != folder && !strings.HasPrefix(name, folder+"/") || !filepath.IsLocal(filepath.FromSlash(name)) {
		return fmt.Errorf("%w: entry %q lies outside of %s", ErrWrong, entry.Name, folder)
	}
	switch entry.Typeflag {
	case tar.TypeDir:
		return root.MkdirAll(filepath.FromSlash(name), 0o777)
	case tar.TypeReg:
	default:
		return fmt.Errorf("%w: entry %q is neither a file nor a folder, but of type %q", ErrWrong, entry.Name, entry.Typeflag)
	}
	name = filepath.FromSlash(name)
	if err := root.MkdirAll(filepath.Dir(name), 0o777); err != nil {
		return err
	}
	file, err := root.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o666)
	if errors.Is(err, fs.ErrExist) {
		return fmt.Errorf("%w: two entries %q", ErrWrong, entry.Name)
	}
	if err != nil {
		return err
	}
	defer file.Close()
	if _, err := io.Copy(file, archive); err != nil {
		if !isLocal(err) {
			err = fmt.Errorf("%w: entry %q: %w", ErrWrong, entry.Name, err)
		}
		return err
	}
	if err := file.Sync(); err != nil {
		return err
	}
	return file.Close()
}
