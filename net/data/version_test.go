package data

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestParseVersionReadsWhatStringWrites(t *testing.T) {
	for _, v := range []Version{Binary, Python} {
		parsed, err := ParseVersion(v.String())
		require.NoError(t, err)
		require.Equal(t, v, parsed)
	}
	_, err := ParseVersion("matlab")
	require.EqualError(t, err, `CIFAR-10 has no version "matlab", want binary or python`)
}

func TestVersionOfAFolderIsThatOfItsFiles(t *testing.T) {
	parent := t.TempDir()
	for _, c := range []struct {
		folder, file string
		want         Version
	}{
		{"a", "", Binary},
		{"b", "test_batch", Python},
		{"b", "data_batch_5.bin", Binary}, // of both
		{"cifar-10-batches-py", "", Python},
		{"cifar-10-batches-py", "data_batch_2.bin", Binary},
	} {
		dir := filepath.Join(parent, c.folder)
		require.NoError(t, os.MkdirAll(dir, 0o777))
		if c.file != "" {
			require.NoError(t, os.WriteFile(filepath.Join(dir, c.file), nil, 0o666))
		}
		require.Equal(t, c.want, VersionOf(dir), "%+v", c)
	}
}
