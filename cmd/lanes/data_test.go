package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/lanes-ml/lanes/net/data"
)

// makeCIFAR10 makes a folder with files of the binary version: as many images of
// each class, black but for the first pixel of each file, which is 255. The files
// are one, under six names.
func makeCIFAR10(t *testing.T, parent string) string {
	t.Helper()
	if testing.Short() {
		t.Skip("reads 184 MB")
	}
	dir := filepath.Join(parent, data.Binary.Folder())
	require.NoError(t, os.MkdirAll(dir, 0o777))
	names := data.Binary.Files()
	const images, record = 10_000, 1 + data.ImageSize
	b := make([]byte, images*record)
	for i := range images {
		b[i*record] = byte(i % 10)
	}
	b[1] = 255
	require.NoError(t, os.WriteFile(filepath.Join(dir, names[0]), b, 0o666))
	for _, name := range names[1:] {
		require.NoError(t, os.Link(filepath.Join(dir, names[0]), filepath.Join(dir, name)))
	}
	return dir
}

func TestDataPrintsItsHelp(t *testing.T) {
	code, out, talk := lanes("data")
	require.Equal(t, 0, code)
	require.Empty(t, talk)
	require.Contains(t, out, "Available Commands:\n  fetch  ")
	for _, command := range []string{"data", "data fetch", "data verify", "data info"} {
		code, out, talk := lanes(append(strings.Fields(command), "--help")...)
		require.Equal(t, 0, code)
		require.Empty(t, talk)
		require.Contains(t, out, "Examples:\n  lanes data ")
	}
}

func TestDataVerifySaysWhatTheFilesAre(t *testing.T) {
	hideCIFAR10(t)
	dir := makeCIFAR10(t, t.TempDir())
	code, out, talk := lanes("data", "verify", "--data", dir)
	require.Equal(t, 0, code, talk)
	require.Empty(t, talk)
	const file = "  30730000 bytes  well formed, not the published file\n"
	require.Equal(t, dir+`, binary version

data_batch_1.bin`+file+"data_batch_2.bin"+file+"data_batch_3.bin"+file+"data_batch_4.bin"+file+"data_batch_5.bin"+file+
		"test_batch.bin  "+file+`
60,000 images, well formed, but other bytes than were published: accuracies may differ a little
`, out)

	// Where one file is wrong the others are still checked.
	require.NoError(t, os.Remove(filepath.Join(dir, "data_batch_2.bin")))
	code, out, talk = lanes("data", "verify", "--data", dir)
	require.Equal(t, exitData, code)
	require.Contains(t, out, "data_batch_2.bin  0 bytes         wrong\ndata_batch_3.bin  30730000 bytes  well")
	require.NotContains(t, out, "60,000")
	require.Regexp(t, `^lanes: open .*data_batch_2\.bin: .*\n$`, talk)
}

func TestDataInfoDescribesTheImages(t *testing.T) {
	hideCIFAR10(t)
	dir := makeCIFAR10(t, t.TempDir())
	t.Setenv("LANES_DATA", filepath.Dir(dir))
	code, out, talk := lanes("data", "info")
	require.Equal(t, 0, code, talk)
	require.Contains(t, out, dir+`, binary version

class        train   validation   test
airplane      4900          100   1000
automobile    4900          100   1000
`)
	require.Contains(t, out, `truck         4900          100   1000
all          49000         1000  10000

mean pixel: red 0.00, green 0.00, blue 0.00 of 255
`)

	code, out, talk = lanes("data", "info", "--json")
	require.Equal(t, 0, code, talk)
	o := decode(t, out)
	require.Equal(t, dir, o["folder"])
	require.Equal(t, "binary", o["version"])
	require.Equal(t, map[string]any{"train": 49000.0, "val": 1000.0, "test": 10000.0}, o["images"])
	classes := o["classes"].([]any)
	require.Len(t, classes, 10)
	require.Equal(t, map[string]any{"name": "truck", "train": 4900.0, "val": 100.0, "test": 1000.0}, classes[9])
	mean := o["mean_rgb"].([]any)
	require.InEpsilon(t, 5*255.0/49000/1024, mean[0], 1e-12)
	require.Equal(t, []any{0.0, 0.0}, mean[1:])
}

func TestDataWithoutImagesSaysHowToGetThem(t *testing.T) {
	hideCIFAR10(t)
	for _, command := range []string{"verify", "info"} {
		code, out, talk := lanes("data", command)
		require.Equal(t, exitData, code)
		require.Empty(t, out)
		require.Regexp(t, `^lanes: no CIFAR-10 found in .*; 'lanes data fetch' gets it\n$`, talk)

		dir := t.TempDir()
		code, _, talk = lanes("data", command, "--data", dir)
		require.Equal(t, exitData, code)
		require.Contains(t, talk, "lanes: "+dir+": no folder cifar-10-batches-bin or cifar-10-batches-py, and ")
	}
}
