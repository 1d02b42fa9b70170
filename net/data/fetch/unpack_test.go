package fetch

import (
	"archive/tar"
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestFetchUnpacksNothingOutsideOfItsFolder(t *testing.T) {
	with := func(e ...entry) []entry { return append(e, good...) }
	many := good
	for i := range maxEntries {
		many = append(many[:len(many):len(many)], entry{name: fmt.Sprintf("set/%d", i)})
	}
	for name, c := range map[string]struct {
		entries []entry
		want    string
	}{
		"a parent":             {with(entry{name: "../evil", content: "x"}), `entry "../evil" lies outside of set`},
		"a parent further on":  {with(entry{name: "set/../../evil", content: "x"}), `entry "set/../../evil" lies outside of set`},
		"a sibling":            {with(entry{name: "setting/evil", content: "x"}), `entry "setting/evil" lies outside of set`},
		"the temporary folder": {with(entry{name: "evil", content: "x"}), `entry "evil" lies outside of set`},
		"the root":             {with(entry{name: "/tmp/evil", content: "x"}), `entry "/tmp/evil" lies outside of set`},
		"no name":              {with(entry{name: "./", kind: tar.TypeDir}), `entry "./" lies outside of set`},
		"a symbolic link":      {with(entry{name: "set/evil", kind: tar.TypeSymlink, link: "/etc"}), `entry "set/evil" is neither a file nor a folder, but of type '2'`},
		"the folder as a link": {with(entry{name: "set", kind: tar.TypeSymlink, link: "/tmp"}), `entry "set" is neither a file nor a folder, but of type '2'`},
		"a hard link":          {with(entry{name: "set/evil", kind: tar.TypeLink, link: "/etc/passwd"}), `entry "set/evil" is neither a file nor a folder, but of type '1'`},
		"a device":             {with(entry{name: "set/evil", kind: tar.TypeChar}), `entry "set/evil" is neither a file nor a folder, but of type '3'`},
		"a file twice":         {with(entry{name: "set/two", content: "x"}), `two entries "set/two"`},
		"a huge file":          {[]entry{{name: "set/one", size: maxUnpacked + 1}}, fmt.Sprintf(`entry "set/one" of %d bytes makes more than %d`, maxUnpacked+1, maxUnpacked)},
		"a file that ends":     {[]entry{{name: "set/one", content: "x", size: 4096}}, `entry "set/one": unexpected EOF`},
		"many files":           {many, fmt.Sprintf("more than %d entries", maxEntries)},
		"a missing file":       {good[:3], "it has no file set/two"},
		"a folder for a file":  {append(good[:3:3], entry{name: "set/two/", kind: tar.TypeDir}), "it has no file set/two"},
		"the folder as a file": {[]entry{{name: "set", content: "x"}}, "it has no file set/one"},
		"nothing":              {nil, "it has no file set/one"},
	} {
		t.Run(name, func(t *testing.T) {
			content := pack(t, c.entries)
			parent := t.TempDir()
			dir := filepath.Join(parent, "data")
			_, _, err := try(t.Context(), dir, content, serve(t, content).address())
			require.ErrorIs(t, err, ErrWrong)
			require.EqualError(t, err, "set.tar.gz: not the published archive: "+c.want)
			require.Empty(t, names(t, dir))
			require.Equal(t, []string{"data"}, names(t, parent))
			require.NoFileExists(t, "/tmp/evil")
		})
	}
}

func TestExtractBoundsTheSumOfAllFiles(t *testing.T) {
	content := pack(t, []entry{{name: "set/one", content: noise(60)}, {name: "set/two", content: noise(41)}})
	for limit, want := range map[int64]string{
		101: "",
		100: `not the published archive: entry "set/two" of 41 bytes makes more than 100`,
	} {
		root, err := os.OpenRoot(t.TempDir())
		require.NoError(t, err)
		err = extract(t.Context(), bytes.NewReader(content), root, "set", limit)
		require.NoError(t, root.Close())
		if want == "" {
			require.NoError(t, err)
		} else {
			require.EqualError(t, err, want)
		}
	}
}

func TestFetchReportsAnArchiveThatIsNone(t *testing.T) {
	for name, content := range map[string]string{
		"no gzip":     "this is not a gzip file",
		"empty gzip":  "\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff",
		"cut archive": string(pack(t, good)[:20_000]),
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			_, _, err := try(t.Context(), dir, []byte(content), serve(t, []byte(content)).address())
			require.ErrorIs(t, err, ErrWrong)
			require.ErrorContains(t, err, "set.tar.gz: not the published archive: ")
			require.Empty(t, names(t, dir))
		})
	}
}

func TestFetchStopsBetweenTwoFiles(t *testing.T) {
	content := pack(t, good)
	dir := t.TempDir()
	f := newFetcher(archiveOf(content), dir, func(Event) {})
	part, err := openPartial(filepath.Join(dir, "set.tar.gz.part"))
	require.NoError(t, err)
	require.NoError(t, part.append(content))
	defer part.close()
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(errors.New("the user said so"))
	require.ErrorContains(t, f.unpack(ctx, part.file, filepath.Join(dir, "set")), "the user said so")
	require.NoDirExists(t, filepath.Join(dir, "set"))
	require.Equal(t, []string{"set.tar.gz.part"}, names(t, dir))
}
