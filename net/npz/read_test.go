package npz

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestArraysOfEveryTypeAndOrderAreRead(t *testing.T) {
	f, err := Open(filepath.Join("testdata", "types.npz"))
	require.NoError(t, err)
	defer f.Close()
	want := map[string][]float64{
		"b": {0, 1, 1, 0, 0, 1}, "i": {0, 1, -1, 100, -128, 127}, "u": {0, 1, 2, 100, 128, 255},
		"f": {0, 1, -0.5, 65504, math.Ldexp(1, -24), math.Inf(-1)},
	}
	numbers := 0
	for _, header := range f.Arrays() {
		if len(header.Shape) != 2 {
			continue
		}
		a, err := f.Read(header.Name)
		require.NoError(t, err)
		require.Equal(t, []int{2, 3}, a.Shape)
		require.NotContains(t, a.Type, ">")
		got, part := make([]float64, 6), make([]float32, 2)
		Floats(got, a, 0)
		require.Equal(t, want[header.Name[1:2]], got, header.Name)
		Floats(part, a, 3)
		require.Equal(t, []float32{float32(got[3]), float32(got[4])}, part, header.Name)
		numbers++
	}
	require.Equal(t, 2*(1+7+7+6), numbers)

	for name, want := range map[string][]string{
		"<U4": {"", "a", "øre", "b c"}, ">U4": {"", "a", "øre", "b c"}, "S5": {"", "a", "øre", "b c"}, "scalar": {"7.5"},
		"|i1 F": {"0", "1", "-1", "100", "-128", "127"}, "<u8 C": {"0", "1", "2", "100", "128", "255"}, "|b1 C": {"False", "True", "True", "False", "False", "True"},
	} {
		a, err := f.Read(name)
		require.NoError(t, err)
		texts, err := a.Texts()
		require.NoError(t, err)
		require.Equal(t, want, texts, name)
	}
	cube, err := f.Read("cube F")
	require.NoError(t, err)
	for i, b := range cube.Data {
		require.Equal(t, i, int(b))
	}
	_, err = f.Read("other")
	require.EqualError(t, err, filepath.Join("testdata", "types.npz")+`: no array "other"`)
}

func TestWholeNumbersAreReadFromAnyType(t *testing.T) {
	for _, c := range []struct {
		kind string
		data string
		want []int64
		err  string
	}{
		{"<i2", "\xff\xff\x01\x00", []int64{-1, 1}, ""},
		{"<f8", "\x00\x00\x00\x00\x00\x00\x08\x40", []int64{3}, ""},
		{"<f4", "\x00\x00\x40\x40\x00\x00\x20\x40", nil, "element 1 is 2.5, want a whole number"},
		{"<f4", "\x00\x00\xc0\x7f", nil, "element 0 is NaN, want a whole number"},
		{"<f4", "\x00\x00\x80\x7f", nil, "element 0 is +Inf, want a whole number"},
		{"<u8", "\xff\xff\xff\xff\xff\xff\xff\xff", nil, "element 0 is 18446744073709551615, want at most 9223372036854775807"},
		{"|S1", "7", nil, "text, want whole numbers"},
	} {
		a := Array{Type: c.kind, Data: []byte(c.data)}
		a.Shape = []int{len(c.data) / a.size()}
		got, err := a.Ints()
		if c.err != "" {
			require.EqualError(t, err, c.err)
			continue
		}
		require.NoError(t, err)
		require.Equal(t, c.want, got)
	}
}

// Every one of the 65,536 numbers of binary16 is compared with its definition.
func TestHalfPrecisionIsExact(t *testing.T) {
	for h := range 1 << 16 {
		sign := math.Pow(-1, float64(h>>15))
		exponent, fraction := float64(h>>10&31), float64(h&1023)/1024
		want := sign * math.Pow(2, exponent-15) * (1 + fraction)
		switch exponent {
		case 0:
			want = sign * math.Pow(2, -14) * fraction
		case 31:
			want = math.Inf(int(sign))
			if fraction > 0 {
				want = math.NaN()
			}
		}
		require.Equal(t, math.IsNaN(want), math.IsNaN(half(uint16(h))))
		if !math.IsNaN(want) {
			require.Equal(t, want, half(uint16(h)), "%#04x", h)
		}
	}
}

func TestWhatIsWrittenIsRead(t *testing.T) {
	want := append(tinyArrays("F64"), Strings("none", nil), Array{"bytes", "|u1", []int{3, 1}, []byte{1, 2, 3}})
	path := filepath.Join(t.TempDir(), "a.npz")
	var b bytes.Buffer
	require.NoError(t, Write(&b, want))
	require.NoError(t, os.WriteFile(path, b.Bytes(), 0o666))
	f, err := Open(path)
	require.NoError(t, err)
	defer f.Close()
	for i, header := range f.Arrays() {
		got, err := f.Read(header.Name)
		require.NoError(t, err)
		require.Equal(t, want[i], got)
	}
}

// npy is a file of an array with that dictionary.
func npy(dictionary string, elements string) string {
	return magic + "\x01\x00" + string(binary.LittleEndian.AppendUint16(nil, uint16(len(dictionary)))) + dictionary + elements
}

// archive is a zip file of the files.
func archive(t testing.TB, method uint16, files ...string) string {
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for i := 0; i < len(files); i += 2 {
		w, err := z.CreateHeader(&zip.FileHeader{Name: files[i], Method: method})
		require.NoError(t, err)
		_, err = w.Write([]byte(files[i+1]))
		require.NoError(t, err)
	}
	require.NoError(t, z.Close())
	return b.String()
}

const good = "{'descr': '|u1', 'fortran_order': False, 'shape': (2, 2), }"

func TestMalformedFilesAreNamedWithTheOffset(t *testing.T) {
	for _, c := range []struct{ file, want string }{
		{"", `offset 0: not an array of numpy: it begins with "", want "\x93NUMPY"`},
		{"\x93NUM", `offset 0: not an array of numpy`},
		{"a,b\n1,2\n", `offset 0: not an array of numpy: it begins with "a,b\n1,"`},
		{magic + "\x04\x00\x01\x00{", "offset 6: version 4 of the format, want 1 to 3"},
		{magic + "\x01\x00\x01", "offset 8: the data ends in the header"},
		{magic + "\x01\x00\xff\x00{", "offset 11: the data ends in the header"},
		{magic + "\x02\x00\xff\xff\xff\xff{", "offset 8: a header of 4294967295 bytes, want at most 65536"},
		{npy("", "1234"), "offset 10: the header ends where '{' is wanted"},
		{npy("[]", "1234"), "offset 10: '[' in the header, want '{'"},
		{npy("{'descr': '|u1'", "1234"), "offset 25: the header ends where ',' is wanted"},
		{npy("{'descr': '|u1', }", "1234"), "want the keys descr, fortran_order and shape"},
		{npy("{'descr': '|u1', 'descr': '|u1'}", "1234"), `the key "descr" comes twice`},
		{npy("{'descr': [('a', '<i4')], 'fortran_order': False, 'shape': (2,)}", "1234"), "elements of several fields, want numbers"},
		{npy("{'descr: 1", "1234"), "a string in the header does not end"},
		{npy("{'order': 'C'}", "1234"), `unknown key "order"`},
		{npy(good+"x", "1234"), "offset 69: 'x' after the header's end"},
		{npy("{'descr': '|u1', 'fortran_order': 0, 'shape': (2, 2), }", "1234"), "offset 44: fortran_order is neither True nor False"},
		{npy("{'descr': '|u1', 'fortran_order': False, 'shape': (-2, 2), }", "1234"), "offset 61: a dimension that is not a count"},
		{npy("{'descr': '|u1', 'fortran_order': False, 'shape': (99999999999999999999,), }", "1234"), "a dimension that is not a count"},
		{npy("{'descr': '|u1', 'fortran_order': False, 'shape': ("+strings.Repeat("1,", 65)+"), }", "1"), "65 dimensions, want at most 64"},
		{npy("{'descr': '<f4', 'fortran_order': False, 'shape': (1073741824, 1073741824, 1073741824), }", "1234"), "claims more bytes than there can be"},
		{npy("{'descr': '<f4', 'fortran_order': False, 'shape': (2, 2), }", "1234"), "offset 69: the header claims 16 bytes for <f4 of shape [2 2], 4 follow"},
		{npy(good, "12345"), "offset 69: the header claims 4 bytes for |u1 of shape [2 2], 5 follow"},
		{npy("{'descr': '|O', 'fortran_order': False, 'shape': (2, 2), }", "1234"), `elements of type "|O", want numbers of up to 8 bytes, truth values or text`},
		{npy("{'descr': '<c8', 'fortran_order': False, 'shape': (1,), }", "12345678"), `elements of type "<c8"`},
		{npy("{'descr': '<f16', 'fortran_order': False, 'shape': (1,), }", "1234"), `elements of type "<f16"`},
		{npy("{'descr': '<i3', 'fortran_order': False, 'shape': (1,), }", "123"), `elements of type "<i3"`},
		{npy("{'descr': '<U0', 'fortran_order': False, 'shape': (1,), }", ""), `elements of type "<U0"`},
		{npy("{'descr': '<M8[D]', 'fortran_order': False, 'shape': (1,), }", "12345678"), `elements of type "<M8[D]"`},
		{npy("{'descr': '?u1', 'fortran_order': False, 'shape': (4,), }", "1234"), `elements of type "?u1"`},
		{"PK\x03\x04 and no directory", "the archive's directory: zip: not a valid zip file"},
		{archive(t, zip.Store), "an archive without arrays"},
		{archive(t, zip.Store, "x.txt", "12"), "an archive without arrays"},
		{archive(t, zip.Store, "x.npy", "12"), "x: offset 0: not an array of numpy"},
		{archive(t, zip.Store, "x.npy", npy(good, "1234"), "x.npy", npy(good, "1234")), `two arrays are named "x"`},
		{archive(t, zip.Deflate, "x.npy", npy(good, "123")), "x: offset 72: the data ends after 3 bytes, the header claims 4"},
		{archive(t, zip.Store, "x.npy", npy(good, "12345")), "x: offset 73: bytes follow the 4 that the header claims"},
		{strings.Replace(archive(t, zip.Store, "x.npy", npy(good, "1234")), "1234", "1243", 1), "x: offset 73: zip: checksum error"},
	} {
		path := filepath.Join(t.TempDir(), "a.npz")
		require.NoError(t, os.WriteFile(path, []byte(c.file), 0o666))
		f, err := Open(path)
		if err == nil {
			_, err = f.Read("x")
			require.NoError(t, f.Close())
		}
		require.ErrorContains(t, err, path+": ")
		require.ErrorContains(t, err, c.want)
		require.NotContains(t, err.Error(), "\n")
	}
	_, err := Open(t.TempDir())
	require.ErrorContains(t, err, "a folder, not a file")
}

// A header of a few bytes could otherwise ask for all memory there is.
func TestClaimsDoNotTakeMemory(t *testing.T) {
	huge := "{'descr': '<f8', 'fortran_order': True, 'shape': (1000000, 100000), }"
	var many []string
	for i := range 60000 {
		many = append(many, fmt.Sprint(i), "")
	}
	for name, file := range map[string]string{
		"an array":             npy(huge, "1234"),
		"a stored array":       archive(t, zip.Store, "x.npy", npy(huge, "1234")),
		"a packed array":       archive(t, zip.Deflate, "x.npy", npy(huge, strings.Repeat("\x00", 1<<20))),
		"a packed header":      archive(t, zip.Deflate, "x.npy", npy(strings.Repeat(" ", 1<<15), strings.Repeat(" ", 1<<20))),
		"a directory of many":  archive(t, zip.Store, many...),
		"many lists in a list": npy("{'shape': "+strings.Repeat("(", 1<<15), ""),
	} {
		path := filepath.Join(t.TempDir(), "a.npz")
		require.NoError(t, os.WriteFile(path, []byte(file), 0o666))
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		f, err := Open(path)
		if err == nil {
			_, err = f.Read("x")
			require.NoError(t, f.Close())
		}
		runtime.ReadMemStats(&after)
		require.Error(t, err, name)
		require.Less(t, after.TotalAlloc-before.TotalAlloc, uint64(2*len(file)+64<<20), name)
	}
}

// FuzzRead holds that what is read is as large as its shape says.
func FuzzRead(f *testing.F) {
	types, err := os.ReadFile(filepath.Join("testdata", "types.npz"))
	require.NoError(f, err)
	f.Add(types)
	f.Add([]byte(npy(good, "1234")))
	f.Add([]byte(npy("{'descr': '>f2', 'fortran_order': True, 'shape': (1L, 2L)}", "1234")))
	f.Add([]byte(archive(f, zip.Store, "x.npy", npy(good, "1234"), "y.npy", npy("{'descr': '>U1', 'fortran_order': True, 'shape': ()}", "\x00\x00\x00a"))))
	f.Fuzz(func(t *testing.T, file []byte) {
		arrays, err := members(bytes.NewReader(file), int64(len(file)), "x")
		if err != nil {
			return
		}
		for _, m := range arrays {
			a, err := m.read(int64(len(file)))
			if err != nil || len(a.Data) == 0 {
				continue
			}
			require.Len(t, a.Data, a.Len()*a.size())
			a.Texts()
			a.Ints()
			if !a.IsText() {
				Floats(make([]float32, a.Len()), a, 0)
			}
		}
	})
}
