package idx

import (
	"bytes"
	"compress/gzip"
	"os"
	"path/filepath"
	"runtime"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/lanes-ml/lanes/net/npz"
)

func gzipped(t testing.TB, s string) string {
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	_, err := w.Write([]byte(s))
	require.NoError(t, err)
	require.NoError(t, w.Close())
	return b.String()
}

func write(t *testing.T, content string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "x-ubyte")
	require.NoError(t, os.WriteFile(path, []byte(content), 0o666))
	return path
}

const bytes2x3 = "\x00\x00\x08\x02\x00\x00\x00\x02\x00\x00\x00\x03abcdef"

func TestArraysOfEveryTypeAreReadPlainOrPacked(t *testing.T) {
	for content, want := range map[string]npz.Array{
		bytes2x3:                               {Type: "|u1", Shape: []int{2, 3}, Data: []byte("abcdef")},
		"\x00\x00\x09\x01\x00\x00\x00\x01\xff": {Type: "|i1", Shape: []int{1}, Data: []byte{255}},
		"\x00\x00\x0b\x01\x00\x00\x00\x02\x01\x02\x03\x04":             {Type: "<i2", Shape: []int{2}, Data: []byte{2, 1, 4, 3}},
		"\x00\x00\x0c\x01\x00\x00\x00\x01\x01\x02\x03\x04":             {Type: "<i4", Shape: []int{1}, Data: []byte{4, 3, 2, 1}},
		"\x00\x00\x0d\x01\x00\x00\x00\x01\x3f\x80\x00\x00":             {Type: "<f4", Shape: []int{1}, Data: []byte{0, 0, 0x80, 0x3f}},
		"\x00\x00\x0e\x01\x00\x00\x00\x01\x3f\xf0\x00\x00\x00\x00\x00": {},
		"\x00\x00\x08\x01\x00\x00\x00\x00":                             {Type: "|u1", Shape: []int{0}, Data: []byte{}},
	} {
		if want.Type == "" {
			content, want = content+"\x00", npz.Array{Type: "<f8", Shape: []int{1}, Data: []byte{0, 0, 0, 0, 0, 0, 0xf0, 0x3f}}
		}
		want.Name = "x-ubyte"
		for _, c := range []string{content, gzipped(t, content)} {
			got, err := Read(write(t, c))
			require.NoError(t, err)
			require.Equal(t, want, got)
		}
	}
}

func TestMalformedFilesAreNamedWithTheOffset(t *testing.T) {
	for _, c := range []struct{ content, want string }{
		{"", "offset 0: the data ends in the header"},
		{"\x00\x00\x08", "offset 3: the data ends in the header"},
		{"\x00\x00\x08\x02\x00\x00\x00\x02\x00\x00", "offset 10: the data ends in the header"},
		{"\x89PNG....", "offset 0: it begins with 89 50 4e 47, want 00 00 and the type of elements, 08 for bytes"},
		{"\x00\x00\x07\x01....", "offset 0: it begins with 00 00 07 01, want"},
		{"\x00\x00\x08\x00....", "offset 3: 0 dimensions, want 1 to 5"},
		{"\x00\x00\x08\xff....", "offset 3: 255 dimensions, want 1 to 5"},
		{"\x00\x00\x08\x01\xff\xff\xff\xff", "offset 4: dimension 0 is 4294967295, want at most 2147483647"},
		{"\x00\x00\x0e\x03\x7f\xff\xff\xff\x7f\xff\xff\xff\x7f\xff\xff\xff", "offset 8: dimensions [2147483647 2147483647 2147483647] claim more bytes than there can be"},
		{bytes2x3[:17], "offset 17: the data ends after 5 bytes, the header claims 6"},
		{bytes2x3 + "g", "offset 18: bytes follow the 6 that the header claims"},
		{gzipped(t, bytes2x3[:12]), "offset 12: the data ends after 0 bytes, the header claims 6"},
		{gzipped(t, bytes2x3)[:25], "the data ends"},
		{gzipped(t, bytes2x3) + "junk", "offset 18: "},
		{gzipped(t, bytes2x3)[:4], "offset 0: unexpected EOF"},
		{"\x1f\x8b", "offset 0: unexpected EOF"},
		{"\x1f\x8b not gzip at all", "offset 0: gzip: invalid header"},
	} {
		path := write(t, c.content)
		_, err := Read(path)
		require.ErrorContains(t, err, path+": ")
		require.ErrorContains(t, err, c.want)
	}
	spoiled := []byte(gzipped(t, bytes2x3))
	spoiled[len(spoiled)-8] ^= 1
	_, err := Read(write(t, string(spoiled)))
	require.ErrorContains(t, err, "offset 18: gzip: invalid checksum")
	_, err = Read(t.TempDir())
	require.ErrorContains(t, err, "a folder, not a file")
}

func TestClaimsDoNotTakeMemory(t *testing.T) {
	const claim = "\x00\x00\x08\x03\x00\x00\x07\x00\x00\x00\x04\x00\x00\x00\x04\x00" // 1.75 GiB
	for name, content := range map[string]string{
		"plain":           claim + "12",
		"packed":          gzipped(t, claim+"12"),
		"packed to death": gzipped(t, claim+string(make([]byte, 40<<20))),
	} {
		path := write(t, content)
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		_, err := Read(path)
		runtime.ReadMemStats(&after)
		require.ErrorContains(t, err, "the data ends after", name)
		require.Less(t, after.TotalAlloc-before.TotalAlloc, uint64(2*len(content)+64<<20), name)
	}
}

// FuzzRead holds that what is read is as large as its shape says.
func FuzzRead(f *testing.F) {
	f.Add([]byte(bytes2x3))
	f.Add([]byte(gzipped(f, bytes2x3)))
	f.Add([]byte("\x00\x00\x0d\x01\x00\x00\x00\x01\x3f\x80\x00\x00"))
	f.Fuzz(func(t *testing.T, file []byte) {
		a, err := read(bytes.NewReader(file), int64(len(file)))
		if err == nil && len(a.Data) > 0 {
			npz.Floats(make([]float64, a.Len()), a, 0)
		}
	})
}
