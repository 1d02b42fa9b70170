package main

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/lanes-ml/lanes/cmd/lanes/internal/console"
	"github.com/lanes-ml/lanes/net/data"
	"github.com/lanes-ml/lanes/net/data/fetch"
)

// publish makes a small archive and a server of it the published ones. The
// server's answers may be replaced.
func publish(t *testing.T) (content []byte, answer *http.HandlerFunc) {
	t.Helper()
	var b bytes.Buffer
	zip := gzip.NewWriter(&b)
	w := tar.NewWriter(zip)
	rng := rand.New(rand.NewPCG(1, 1))
	for _, name := range data.Python.Files() {
		noise := make([]byte, 50_000)
		for i := range noise {
			noise[i] = byte(rng.Uint32())
		}
		require.NoError(t, w.WriteHeader(&tar.Header{Name: data.Python.Folder() + "/" + name, Typeflag: tar.TypeReg, Mode: 0o644, Size: int64(len(noise))}))
		_, err := w.Write(noise)
		require.NoError(t, err)
	}
	require.NoError(t, w.Close())
	require.NoError(t, zip.Close())
	content = b.Bytes()

	serve := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(content))
	})
	answer = &serve
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { (*answer)(w, r) }))
	t.Cleanup(server.Close)
	sum := sha256.Sum256(content)
	original := archiveOf
	t.Cleanup(func() { archiveOf = original })
	archiveOf = func(v data.Version) fetch.Archive {
		require.Equal(t, data.Python, v)
		a := original(v)
		a.URL = server.URL + "/kriz/cifar-10-python.tar.gz"
		a.Size, a.SHA256 = int64(len(content)), hex.EncodeToString(sum[:])
		return a
	}
	return content, answer
}

func TestDataFetchPrintsTheFolderAndTalksInPlainLines(t *testing.T) {
	hideCIFAR10(t)
	content, _ := publish(t)
	code, out, talk := lanes("data", "fetch", "--version", "python")
	require.Equal(t, 0, code, talk)
	place, err := data.Place("")
	require.NoError(t, err)
	folder := filepath.Join(place, "cifar-10-batches-py")
	require.Equal(t, folder+"\n", out)
	found, err := data.Find("")
	require.NoError(t, err)
	require.Equal(t, folder, found)

	lines := strings.Split(strings.TrimSuffix(talk, "\n"), "\n")
	require.Regexp(t, `^fetching http://.*/kriz/cifar-10-python\.tar\.gz, 0\.3 MB$`, lines[0])
	require.Equal(t, []string{"comparing size and SHA-256", "unpacking"}, lines[len(lines)-2:])
	require.LessOrEqual(t, len(lines), 3+console.MaxLines)
	for _, l := range lines[1 : len(lines)-2] {
		require.Regexp(t, `^  0\.\d of 0\.3 MB  [ \d]{3}%  +[\d.]+ MB/s(  +\d+s left)?$`, l)
	}
	require.Greater(t, len(content), 300_000)
}

func TestDataFetchLeavesGoodFilesAlone(t *testing.T) {
	hideCIFAR10(t)
	place := t.TempDir()
	dir := makeCIFAR10(t, place)
	code, out, talk := lanes("data", "fetch", "--dir", place)
	require.Equal(t, 0, code, talk)
	require.Equal(t, dir+"\n", out)
	require.Equal(t, "CIFAR-10 is already there: 60,000 images, well formed, but other bytes than were published: accuracies may differ a little\n", talk)

	path := filepath.Join(dir, "data_batch_4.bin")
	require.NoError(t, os.Remove(path))
	code, out, talk = lanes("data", "fetch", "--dir", place)
	require.Equal(t, exitData, code)
	require.Empty(t, out)
	require.Regexp(t, `^lanes: .*data_batch_4\.bin: .*; to fetch it again, remove .*cifar-10-batches-bin first\n$`, talk)
}

// Fetch finds the images wherever the other commands do, and leaves them.
func TestDataFetchSeesTheFilesThatOthersFind(t *testing.T) {
	hideCIFAR10(t)
	folder := makeCIFAR10(t, t.TempDir())
	place := filepath.Join(t.TempDir(), "images")
	require.NoError(t, os.Rename(folder, place)) // the files lie directly in it
	for _, args := range []string{"", "--version binary"} {
		for _, named := range []bool{true, false} {
			line := strings.Fields("data fetch " + args)
			t.Setenv("LANES_DATA", "")
			if named {
				line = append(line, "--dir", place)
			} else {
				t.Setenv("LANES_DATA", place)
			}
			code, out, talk := lanes(line...)
			require.Equal(t, 0, code, talk)
			require.Equal(t, place+"\n", out)
			require.Contains(t, talk, "CIFAR-10 is already there: 60,000 images")
		}
	}
	require.NoError(t, os.Remove(filepath.Join(place, "data_batch_4.bin")))
	code, _, talk := lanes("data", "fetch", "--dir", place)
	require.Equal(t, exitData, code)
	require.Regexp(t, `^lanes: .*data_batch_4\.bin: .*; to fetch it again, name another folder with --dir\n$`, talk)

	// The other version is fetched where it is asked for, and is good enough else.
	require.NoError(t, os.Link(filepath.Join(place, "data_batch_1.bin"), filepath.Join(place, "data_batch_4.bin")))
	publish(t)
	code, out, talk := lanes("data", "fetch", "--dir", place, "--version", "python")
	require.Equal(t, 0, code, talk)
	require.Equal(t, filepath.Join(place, data.Python.Folder())+"\n", out)
}

func TestDataFetchTellsAWrongFileFromAFailingNetwork(t *testing.T) {
	for name, c := range map[string]struct {
		answer http.HandlerFunc
		code   int
		want   string
	}{
		"not there":    {http.NotFound, exitFailed, `lanes: http://\S+\.tar\.gz: 404 Not Found; --url names another address`},
		"another file": {func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "sorry") }, exitData, `lanes: http://\S+\.tar\.gz: not the published archive: 5 bytes, want 300\d+; --url names another address`},
	} {
		t.Run(name, func(t *testing.T) {
			hideCIFAR10(t)
			_, answer := publish(t)
			*answer = c.answer
			dir := filepath.Join(t.TempDir(), "new")
			code, out, talk := lanes("data", "fetch", "--version", "python", "--dir", dir)
			require.Equal(t, c.code, code, talk)
			require.Empty(t, out)
			require.Regexp(t, "^"+c.want+"\n$", talk)
			entries, err := os.ReadDir(dir)
			require.NoError(t, err)
			require.Len(t, entries, 1, "a lock")
		})
	}
}

func TestDataFetchTriesFurtherAddresses(t *testing.T) {
	hideCIFAR10(t)
	content, answer := publish(t)
	*answer = http.NotFound
	mirror := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/good" {
			http.NotFound(w, r)
			return
		}
		w.Write(content)
	}))
	defer mirror.Close()
	dir := t.TempDir()
	code, out, talk := lanes("data", "fetch", "--version", "python", "--dir", dir, "--url", mirror.URL+"/bad", "--url", mirror.URL+"/good")
	require.Equal(t, 0, code, talk)
	require.Equal(t, filepath.Join(dir, "cifar-10-batches-py")+"\n", out)
	require.Regexp(t, `^http://\S*/kriz/\S*: 404 Not Found; trying again
http://\S*/bad: 404 Not Found; trying again
fetching http://\S*/good, 0\.3 MB
`, talk)
}

// halfway sends the process what Ctrl-C sends when half of the archive is there.
type halfway struct {
	bytes.Buffer
	err error
}

func (h *halfway) Write(p []byte) (int, error) {
	if bytes.Contains(p, []byte(" 50%")) {
		self, _ := os.FindProcess(os.Getpid())
		h.err = self.Signal(os.Interrupt)
	}
	return h.Buffer.Write(p)
}

func TestDataFetchGoesOnAfterCtrlC(t *testing.T) {
	hideCIFAR10(t)
	content, answer := publish(t)
	whole := *answer
	*answer = func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Length", strconv.Itoa(len(content)))
		w.Write(content[:len(content)*51/100])
		w.(http.Flusher).Flush()
		<-r.Context().Done()
	}
	dir := t.TempDir()
	args := []string{"data", "fetch", "--version", "python", "--dir", dir}
	var out bytes.Buffer
	var talk halfway
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	code := run(ctx, args, &out, &talk)
	if talk.err != nil {
		t.Skip("a process cannot interrupt itself here:", talk.err)
	}
	require.Equal(t, exitInterrupted, code, talk.String())
	require.Empty(t, out.String())
	require.Regexp(t, fmt.Sprintf(`\nlanes: %d of %d bytes are there: interrupt signal received; the same command continues the download\n$`,
		len(content)*51/100, len(content)), talk.String())

	*answer = whole
	code, result, said := lanes(args...)
	require.Equal(t, 0, code, said)
	require.Equal(t, filepath.Join(dir, "cifar-10-batches-py")+"\n", result)
	require.Regexp(t, `^continuing after 0\.2 of http://\S+, 0\.3 MB\n`, said)
}

func TestDataFetchRefusesWrongFlags(t *testing.T) {
	for args, want := range map[string]string{
		"--version matlab":     `--version: CIFAR-10 has no version "matlab", want binary or python`,
		"--url ftp://a/b":      `--url "ftp://a/b", want an address that starts with https:// or http://`,
		"--url cifar.tar.gz":   `--url "cifar.tar.gz", want an address`,
		"--url https:///b --a": "unknown flag: --a",
		"extra":                `unknown command "extra" for "lanes data fetch"`,
	} {
		code, out, talk := lanes(append([]string{"data", "fetch"}, strings.Fields(args)...)...)
		require.Equal(t, exitUsage, code)
		require.Empty(t, out)
		require.Regexp(t, `^lanes: .*\n$`, talk)
		require.Contains(t, talk, want)
	}
}
