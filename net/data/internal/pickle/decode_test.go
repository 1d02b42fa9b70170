package pickle

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// golden reads a file that Python 2's cPickle wrote, of two images.
func golden(tb testing.TB) []byte {
	tb.Helper()
	b, err := os.ReadFile(filepath.Join("..", "..", "testdata", "cifar-10-batches-py", "data_batch_1"))
	require.NoError(tb, err)
	return b
}

// array is the pickle of an array, without the frame of a file.
func array(state string) string {
	return "cnumpy.core.multiarray\n_reconstruct\ncnumpy\nndarray\nK\x00\x85U\x01b\x87R(" + state + "tb"
}

// u1 is the pickle of an array's element type.
const u1 = "cnumpy\ndtype\nU\x02u1K\x00K\x01\x87R(K\x03U\x01|NNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK\x00tb"

// file frames the pickle of a value as a dictionary under the key x.
func file(value string) []byte { return []byte("\x80\x02}(U\x01x" + value + "u.") }

func TestDecodeReadsWhatCPickleWrites(t *testing.T) {
	batch, err := Decode(golden(t), 100)
	require.NoError(t, err)
	require.Len(t, batch, 4)
	require.Equal(t, []byte("training batch 1 of 5"), batch["batch_label"])
	require.Equal(t, &List{[]any{0, 7}}, batch["labels"])
	require.Equal(t, &List{[]any{[]byte("picture_s_000000.png"), []byte("picture_s_000001.png")}}, batch["filenames"])
	a := batch["data"].(*Array)
	require.Equal(t, []int{2, 3072, 2 * 3072}, []int{a.Rows, a.Columns, len(a.Data)})
	require.Equal(t, []byte{0, 5, 10, 15}, a.Data[:4])
	require.Equal(t, []byte{13, 18, 23, 28}, a.Data[3072:3076])
}

func TestDecodeReadsEveryValue(t *testing.T) {
	for value, want := range map[string]any{
		"K\xff":                         255,
		"M\x10\x27":                     10000,
		"J\xff\xff\xff\xff":             -1,
		"J\x00\x00\x00\x80":             -1 << 31,
		"N":                             nil,
		"\x89":                          false,
		"U\x03abc":                      []byte("abc"),
		"T\x03\x00\x00\x00abc":          []byte("abc"),
		"](K\x01e(K\x02K\x03e":          &List{[]any{1, 2, 3}},
		"](e":                           &List{},
		"}(U\x01aK\x01u":                dict{"a": 1},
		"K\x01K\x02\x86":                tuple{1, 2},
		"(K\x01K\x02K\x03K\x04t":        tuple{1, 2, 3, 4},
		"U\x01aq\x07K\x09\x86h\x07\x86": tuple{tuple{[]byte("a"), 9}, []byte("a")},
		"Nr\x00\x01\x00\x00j\x00\x01\x00\x00\x86":             tuple{nil, nil},
		array("K\x01K\x02K\x03\x86" + u1 + "\x89U\x06abcdef"): &Array{2, 3, []byte("abcdef")},
	} {
		got, err := Decode(file(value), 100)
		require.NoError(t, err, "%q", value)
		require.Equal(t, map[string]any{"x": want}, got, "%q", value)
	}
}

func TestDecodeRefusesEveryOtherOpcodeByNameAndOffset(t *testing.T) {
	for op := range 256 {
		if strings.IndexByte("(.JKMNRTU]bcehjqrtu}\x80\x85\x86\x87\x89", byte(op)) >= 0 {
			continue
		}
		_, err := Decode([]byte{0x80, 2, '}', byte(op), '.'}, 100)
		require.EqualError(t, err, fmt.Sprintf("offset 3: opcode %s: not among those of CIFAR-10's Python version", name(byte(op))))
	}
	require.Equal(t, "APPEND", name('a'))
	require.Equal(t, "0xff", name(0xff))
}

func TestDecodeRefusesWhatTheFilesDoNotHold(t *testing.T) {
	for in, want := range map[string]string{
		"":                        "offset 0: the file ends before the opcode STOP",
		"\x80\x02}":               "offset 3: the file ends before the opcode STOP",
		"\x80\x02}.more":          "offset 3: 4 bytes follow the opcode STOP",
		"\x80\x02.":               "offset 2: opcode STOP: the stack holds 0 values, want 1",
		"\x80\x02}}.":             "offset 4: opcode STOP: the stack holds 2 values, want 1",
		"\x80\x02N.":              "offset 3: opcode STOP: the result is None, want a dictionary",
		"\x80\x04}.":              "offset 0: opcode PROTO: protocol 4 at offset 0, want 2 at offset 0",
		"}\x80\x02.":              "offset 1: opcode PROTO: protocol 2 at offset 1, want 2 at offset 0",
		"cos\nsystem\n.":          `offset 0: opcode GLOBAL: "os system" is not among those of CIFAR-10's Python version`,
		"cnumpy\ndtypes\n.":       `offset 0: opcode GLOBAL: "numpy dtypes" is not among those of CIFAR-10's Python version`,
		"cnumpy dtype":            "offset 0: opcode GLOBAL: no line ends within 100 bytes",
		"U\x05abc":                "offset 0: opcode SHORT_BINSTRING: 5 bytes, but the file ends after 3",
		"T\xff\xff\xff\x7f":       "offset 0: opcode BINSTRING: 2147483647 bytes, but the file ends after 0",
		"T\xff\xff\xff\xffabc":    "offset 0: opcode BINSTRING: a length of -1",
		"J\x01":                   "offset 0: opcode BININT: 4 bytes, but the file ends after 1",
		"h\x01":                   "offset 0: opcode BINGET: nothing is kept under 1",
		"q\x01":                   "offset 0: opcode BINPUT: no value to keep",
		"(q\x01":                  "offset 1: opcode BINPUT: no value to keep",
		"t":                       "offset 0: opcode TUPLE: no mark on the stack",
		"N\x86":                   "offset 1: opcode TUPLE2: takes 2 values, the stack holds 1",
		"N(\x86":                  "offset 2: opcode TUPLE2: takes a mark for a value",
		"(Ne":                     "offset 2: opcode APPENDS: the stack is empty",
		"}(Ne":                    "offset 3: opcode APPENDS: applied to a dictionary, want a list",
		"](u":                     "offset 2: opcode SETITEMS: applied to a list, want a dictionary",
		"}(Nu":                    "offset 3: opcode SETITEMS: 1 keys and values",
		"}(NNu":                   "offset 4: opcode SETITEMS: a key is None, want a string",
		"NNR":                     "offset 2: opcode REDUCE: None with unknown arguments",
		"cnumpy\nndarray\nNR":     "offset 16: opcode REDUCE: the global numpy ndarray with unknown arguments",
		"NNb":                     "offset 2: opcode BUILD: the state is None, want a tuple",
		"NN\x85b":                 "offset 3: opcode BUILD: applied to None, want an array or its element type",
		"cnumpy\ndtype\nNNN\x87R": "offset 17: opcode REDUCE: an element type other than u1, a byte",
		array("K\x01K\x02\x85" + u1 + "\x89U\x02ab"):                "the array has not two dimensions",
		array("K\x01NN\x86" + u1 + "\x89U\x02ab"):                   "the array's dimensions are not counts",
		array("K\x01J\xff\xff\xff\xffK\x00\x86" + u1 + "\x89U\x00"): "the array's dimensions are not counts",
		array("K\x01K\x01K\x02\x86N\x89U\x02ab"):                    "the array's elements are not of type u1, a byte",
		array("K\x01K\x01K\x02\x86" + u1 + "NU\x02ab"):              "the array is not in C order",
		array("K\x01K\x01K\x02\x86" + u1 + "\x89U\x03abc"):          "an array of 1×2 with 3 bytes",
		array("K\x02K\x01K\x02\x86" + u1 + "\x89U\x02ab"):           "the array's state is not of version 1",
	} {
		_, err := Decode([]byte(in), 100)
		require.ErrorContains(t, err, want, "%q", in)
	}
}

// A file of a few megabytes could otherwise ask for a hundred times as much.
func TestDecodeBoundsItsMemoryWhateverTheFileSays(t *testing.T) {
	for name, in := range map[string]string{
		"tuples":       "N" + strings.Repeat("\x85", 1<<20),
		"kept values":  "N" + strings.Repeat("r\x00\x00\x00\x00", 1<<20),
		"marks":        strings.Repeat("(", 1<<20),
		"a long list":  "]" + strings.Repeat("("+strings.Repeat("N", 1000)+"e", 1<<11),
		"a long array": "T\xff\xff\xff\x7f",
	} {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		_, err := Decode([]byte(in), 5000)
		runtime.ReadMemStats(&after)
		require.Error(t, err, name)
		require.Less(t, after.TotalAlloc-before.TotalAlloc, uint64(len(in)+1<<20), name)
	}
	_, err := Decode([]byte(strings.Repeat("N", 2000)), 5000)
	require.EqualError(t, err, "offset 1100: opcode NONE: more than 1100 values on the stack")
	_, err = Decode([]byte("]"+strings.Repeat("(e", 50)), 100)
	require.EqualError(t, err, "offset 100: more than 100 opcodes")
}

func TestDecodeOfAFileThatEndsAnywhereIsAnError(t *testing.T) {
	b := golden(t)
	for n := range len(b) {
		if n > 200 && n < 6290 && n%97 != 0 {
			continue // within the array's bytes
		}
		_, err := Decode(b[:n], 100)
		require.Error(t, err, n)
	}
}

// A program may go on with what a fuzzed file gave, so it must hold together.
func FuzzDecode(f *testing.F) {
	f.Add(golden(f))
	f.Add(file("](K\x01e(K\x02K\x03e"))
	f.Add(file("]q\x00(h\x00e")) // a list that holds itself
	f.Add(file(array("K\x01K\x02K\x03\x86" + u1 + "\x89U\x06abcdef")))
	f.Add(file(array("K\x01J\xff\xff\xff\x7fJ\xff\xff\xff\x7f\x86" + u1 + "\x89U\x06abcdef")))
	f.Add(append([]byte("T"), binary.LittleEndian.AppendUint32(nil, 1<<31)...))
	f.Add([]byte("cos\nsystem\nU\x02ls\x85R."))
	f.Fuzz(func(t *testing.T, b []byte) {
		kept := bytes.Clone(b)
		batch, err := Decode(b, 1000)
		require.Equal(t, kept, b)
		if err != nil {
			require.Nil(t, batch)
			return
		}
		require.Less(t, len(batch), 1000)
		for _, v := range batch {
			if a, ok := v.(*Array); ok {
				require.Len(t, a.Data, a.Rows*a.Columns)
			}
		}
	})
}
