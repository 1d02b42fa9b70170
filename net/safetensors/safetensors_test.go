package safetensors

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"runtime"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/lanes-ml/lanes/kernels"
)

// file returns a safetensors file with that header and that data.
func file(header, data string) []byte {
	return append(binary.LittleEndian.AppendUint64(nil, uint64(len(header))), header+data...)
}

var example = []Tensor{
	{Name: "layers.0.weight", DType: "F32", Shape: []int{2, 1}, Data: []byte("abcdefgh")},
	{Name: "count", DType: "I64", Shape: []int{}, Data: []byte("12345678")},
	{Name: "none", DType: "U8", Shape: []int{3, 0}, Data: []byte{}},
	{Name: "flag", DType: "BOOL", Shape: []int{3}, Data: []byte{1, 0, 1}},
}

func TestReadGivesWhatWriteWrote(t *testing.T) {
	for _, metadata := range []map[string]string{nil, {"format": "lanes", "übung": "\"\n"}} {
		var b bytes.Buffer
		require.NoError(t, Write(&b, example, metadata))
		require.Zero(t, (b.Len()-19)%8, "the tensors are aligned")
		tensors, got, err := Read(b.Bytes())
		require.NoError(t, err)
		require.Equal(t, example, tensors)
		require.Equal(t, metadata, got)
	}
}

// The reference implementation writes these bytes for this tensor.
func TestWriteMakesTheFormatsBytes(t *testing.T) {
	var b bytes.Buffer
	require.NoError(t, Write(&b, []Tensor{{Name: "t", DType: "U8", Shape: []int{2}, Data: []byte{7, 8}}}, map[string]string{"a": "b"}))
	const header = `{"__metadata__":{"a":"b"},"t":{"dtype":"U8","shape":[2],"data_offsets":[0,2]}}  `
	require.Equal(t, file(header, "\x07\x08"), b.Bytes())
}

func TestReadRefusesWhatIsNotTheFormat(t *testing.T) {
	for name, c := range map[string]struct {
		file    []byte
		message string
	}{
		"empty":          {nil, "0 bytes, want a header's length in 8 bytes"},
		"long header":    {binary.LittleEndian.AppendUint64(nil, 1<<63), "a header of 9223372036854775808 bytes, want at most 100000000"},
		"cut header":     {file(`{"a":`, "")[:10], "a header of 5 bytes in a file of 10"},
		"nothing":        {file(``, ""), "header: it does not begin with {"},
		"no value":       {file(`{"a":`, ""), "header: tensor \"a\": it ends where '{' is wanted"},
		"no object":      {file(`[1]`, ""), "header: it does not begin with {"},
		"spaces before":  {file(` {}`, ""), "header: it does not begin with {"},
		"tab after":      {file("{}\t", ""), "header: '\\t' after its end, want spaces alone"},
		"more after":     {file("{} {}", ""), "header: '{' after its end, want spaces alone"},
		"metadata":       {file(`{"__metadata__":{"a":1}}`, ""), `header: __metadata__: "a": '1' at byte 21, want '"'`},
		"null metadata":  {file(`{"__metadata__":null}`, ""), `header: __metadata__: 'n' at byte 16, want '{'`},
		"twice":          {file(`{"a":{"dtype":"U8","shape":[0],"data_offsets":[0,0]},"\u0061":{"dtype":"U8","shape":[0],"data_offsets":[0,0]}}`, ""), `header: the name "a" comes twice`},
		"two metadatas":  {file(`{"__metadata__":{},"__metadata__":{}}`, ""), `header: the name "__metadata__" comes twice`},
		"twice in it":    {file(`{"__metadata__":{"a":"b","a":"b"}}`, ""), `header: __metadata__: the name "a" comes twice`},
		"two dtypes":     {file(`{"a":{"dtype":"U8","dtype":"U8","shape":[0],"data_offsets":[0,0]}}`, ""), `tensor "a": want one each of dtype, shape and data_offsets`},
		"no shape":       {file(`{"a":{"dtype":"U8","data_offsets":[0,1]}}`, "a"), `tensor "a": want one each of`},
		"large letters":  {file(`{"a":{"DType":"U8","shape":[0],"data_offsets":[0,0]}}`, ""), `tensor "a": unknown key "DType"`},
		"three offsets":  {file(`{"a":{"dtype":"U8","shape":[0],"data_offsets":[0,0,0]}}`, ""), `tensor "a": data_offsets: 3 numbers, want 2`},
		"one offset":     {file(`{"a":{"dtype":"U8","shape":[0],"data_offsets":[0]}}`, ""), `tensor "a": data_offsets: 1 numbers, want 2`},
		"half":           {file(`{"a":{"dtype":"U8","shape":[1.0],"data_offsets":[0,1]}}`, "a"), `tensor "a": shape: '.' at byte 29, want ','`},
		"leading zero":   {file(`{"a":{"dtype":"U8","shape":[01],"data_offsets":[0,1]}}`, "a"), `a number that begins with 0 at byte 28`},
		"large number":   {file(`{"a":{"dtype":"U8","shape":[9223372036854775808],"data_offsets":[0,1]}}`, "a"), fmt.Sprintf("a number above %d at byte 28", math.MaxInt)},
		"null shape":     {file(`{"a":{"dtype":"U8","shape":null,"data_offsets":[0,1]}}`, "a"), `'n' at byte 27, want '['`},
		"comma":          {file(`{"a":{"dtype":"U8","shape":[0,],"data_offsets":[0,0]}}`, ""), `']' at byte 30, want a whole number that is not negative`},
		"bare name":      {file(`{a:1}`, ""), `header: 'a' at byte 1, want '"'`},
		"line end":       {file("{\"a\nb\":{}}", ""), `header: '\n' in a string at byte 3`},
		"not UTF-8":      {file("{\"a\xff\":{}}", ""), `header: a string at byte 2 that is not UTF-8`},
		"escape":         {file(`{"a\x":{}}`, ""), `header: invalid character 'x' in string escape code`},
		"open string":    {file(`{"a\"`, ""), `header: it ends in a string`},
		"entry":          {file(`{"a":{"dtype":3}}`, ""), `header: tensor "a": dtype: '3' at byte 14, want '"'`},
		"dtype":          {file(`{"a":{"dtype":"F3","shape":[],"data_offsets":[0,0]}}`, ""), `tensor "a": unknown element type "F3"`},
		"cut tensors":    {file(`{"a":{"dtype":"U8","shape":[4],"data_offsets":[0,4]}}`, "abc"), `tensor "a": bytes 0 to 4, the file has 3`},
		"bytes left":     {file(`{"a":{"dtype":"U8","shape":[2],"data_offsets":[0,2]}}`, "abc"), "2 bytes of tensors, the file has 3"},
		"gap":            {file(`{"a":{"dtype":"U8","shape":[2],"data_offsets":[1,3]}}`, "abc"), `tensor "a": bytes 1 to 3, want them from 0 on`},
		"backwards":      {file(`{"a":{"dtype":"U8","shape":[2],"data_offsets":[0,-1]}}`, "abc"), `tensor "a": data_offsets: '-' at byte 49, want a whole number that is not negative`},
		"shape":          {file(`{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,4]}}`, "abcd"), `tensor "a": 4 bytes, want 8 for F32 [2]`},
		"negative shape": {file(`{"a":{"dtype":"U8","shape":[-1,-4],"data_offsets":[0,4]}}`, "abcd"), `tensor "a": shape: '-' at byte 28, want a whole number that is not negative`},
		"large shape":    {file(`{"a":{"dtype":"U8","shape":[2147483647,2147483647,2147483647],"data_offsets":[0,0]}}`, ""), `is too large`},
		"overlap": {file(`{"a":{"dtype":"U8","shape":[2],"data_offsets":[0,2]},"b":{"dtype":"U8","shape":[2],"data_offsets":[1,3]}}`, "abc"),
			`tensor "b": bytes 1 to 3, want them from 2 on`},
	} {
		t.Run(name, func(t *testing.T) {
			_, _, err := Read(c.file)
			require.ErrorContains(t, err, c.message)
		})
	}
}

// Reading a header takes memory for its entries, but not for a tree of its JSON.
func TestManyTensorsTakeLittleMemory(t *testing.T) {
	const n = 100_000
	text := []byte("{")
	for i := range n {
		text = fmt.Appendf(text, `"layers.%d":{"dtype":"F32","shape":[0],"data_offsets":[0,0]},`, i)
	}
	text[len(text)-1] = '}'
	whole := file(string(text), "")
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	tensors, _, err := Read(whole)
	runtime.ReadMemStats(&after)
	require.NoError(t, err)
	require.Len(t, tensors, n)
	require.Less(t, int(after.TotalAlloc-before.TotalAlloc), 8*len(whole))
}

func TestEveryCutFileIsRefused(t *testing.T) {
	var b bytes.Buffer
	require.NoError(t, Write(&b, example, map[string]string{"a": "b"}))
	for n := range b.Len() {
		_, _, err := Read(b.Bytes()[:n])
		require.Error(t, err, "%d bytes", n)
	}
}

func TestWriteRefusesTensorsThatDoNotFit(t *testing.T) {
	for message, tensors := range map[string][]Tensor{
		`the name "a" is taken`:                      {{Name: "a", DType: "U8", Shape: nil, Data: []byte{1}}, {Name: "a", DType: "U8", Shape: nil, Data: []byte{1}}},
		`the name "__metadata__" is taken`:           {{Name: "__metadata__", DType: "U8", Shape: nil, Data: []byte{1}}},
		`tensor "a": 3 bytes, want 4 for F32 []`:     {{Name: "a", DType: "F32", Shape: nil, Data: []byte{1, 2, 3}}},
		`tensor "a": unknown element type "float32"`: {{Name: "a", DType: "float32", Shape: nil, Data: nil}},
		`tensor "a": shape [-1] has a negative side`: {{Name: "a", DType: "F32", Shape: []int{-1}, Data: nil}},
		`tensor "a": 0 bytes, want 8 for F64 [1 1]`:  {{Name: "a", DType: "F64", Shape: []int{1, 1}, Data: nil}},
	} {
		var b bytes.Buffer
		require.ErrorContains(t, Write(&b, tensors, nil), message)
		require.Zero(t, b.Len())
	}
}

type fullDisk struct{ room int }

var errFull = errors.New("no space left")

func (f *fullDisk) Write(p []byte) (int, error) {
	if f.room -= len(p); f.room < 0 {
		return 0, errFull
	}
	return len(p), nil
}

func TestWriteTellsThatTheDiskIsFull(t *testing.T) {
	var b bytes.Buffer
	require.NoError(t, Write(&b, example, nil))
	for room := range b.Len() {
		require.ErrorIs(t, Write(&fullDisk{room}, example, nil), errFull, "%d bytes", room)
	}
}

// Whatever Read accepts, Write writes, and Read reads the same again.
func FuzzRead(f *testing.F) {
	var b bytes.Buffer
	require.NoError(f, Write(&b, example, map[string]string{"a": "b"}))
	f.Add(b.Bytes())
	f.Add(file(`{}`, ""))
	f.Add(file(`{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}`, "abcd"))
	f.Add(file(`{"a":{"dtype":"F32","shape":[0,9223372036854775807],"data_offsets":[0,0]}}`, ""))
	f.Fuzz(func(t *testing.T, file []byte) {
		tensors, metadata, err := Read(file)
		if err != nil {
			return
		}
		var b bytes.Buffer
		require.NoError(t, Write(&b, tensors, metadata))
		again, metadataAgain, err := Read(b.Bytes())
		require.NoError(t, err)
		require.Equal(t, metadata, metadataAgain)
		require.Len(t, again, len(tensors))
		for i, a := range tensors {
			require.Equal(t, a.Name, again[i].Name)
			require.Equal(t, a.DType, again[i].DType)
			require.Equal(t, append([]int{}, a.Shape...), again[i].Shape)
			require.Equal(t, a.Data, again[i].Data)
		}
	})
}

func TestStreamWritesWhatIsHeldWithoutACopy(t *testing.T) {
	whole := kernels.NewMat[float32](100, 70, nil)
	for i := range whole.Data {
		whole.Data[i] = float32(i)
	}
	for name, m := range map[string]kernels.Mat[float32]{"all": whole, "transposed": whole.T(), "part": whole.Slice(3, 60, 5, 9), "none": whole.Slice(0, 0, 0, 70)} {
		shape := []int{m.Rows, m.Cols}
		later := Stream("m", shape, m)
		held := later.Held()
		require.Nil(t, later.Data, name)
		require.Equal(t, held, later.Held(), name)
		require.Equal(t, held.Size(), later.Size(), name)
		var a, b bytes.Buffer
		require.NoError(t, Write(&a, []Tensor{held}, nil), name)
		require.NoError(t, Write(&b, []Tensor{later}, nil), name)
		require.Equal(t, a.Bytes(), b.Bytes(), name)
		for _, room := range []int{0, a.Len() - 1} {
			require.ErrorIs(t, Write(&fullDisk{room}, []Tensor{later}, nil), errFull, name)
		}
	}
}
