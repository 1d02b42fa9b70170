package table

import (
	"bytes"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func parse(s string, o Options) (*Table, error) {
	return read(strings.NewReader(s), int64(len(s)), o)
}

var nan = float32(math.NaN())

// requireValues compares with NaNs that are equal.
func requireValues(t *testing.T, want, got []float32, message string) {
	t.Helper()
	require.Equal(t, fmt.Sprint(want), fmt.Sprint(got), message)
}

func TestTablesOfEveryDialectAreRead(t *testing.T) {
	numbers := func(names ...string) (all []Column) {
		for _, name := range names {
			all = append(all, Column{Name: name})
		}
		return all
	}
	for name, c := range map[string]struct {
		text    string
		options Options
		columns []Column
		values  []float32
	}{
		"a header":                      {"a,b\n1,2\n3,4\n", Options{}, numbers("a", "b"), []float32{1, 2, 3, 4}},
		"no header":                     {"1,2\n3,4\n", Options{}, numbers("column 1", "column 2"), []float32{1, 2, 3, 4}},
		"no line end at last":           {"a,b\n1,2\n3,4", Options{}, numbers("a", "b"), []float32{1, 2, 3, 4}},
		"a byte order mark":             {"\ufeffa,b\n1,2\n", Options{}, numbers("a", "b"), []float32{1, 2}},
		"CRLF":                          {"a,b\r\n1,2\r\n3,4\r\n", Options{}, numbers("a", "b"), []float32{1, 2, 3, 4}},
		"blank lines":                   {"\n\na,b\n\n1,2\r\n\r\n  \n3,4\n\n", Options{}, numbers("a", "b"), []float32{1, 2, 3, 4}},
		"spaces":                        {"a, b\n 1 , 2\n3,4  \n", Options{}, numbers("a", "b"), []float32{1, 2, 3, 4}},
		"tabs":                          {"a\tb c\n1\t2\n", Options{}, numbers("a", "b c"), []float32{1, 2}},
		"semicolons":                    {"a;b\n1;2\n", Options{}, numbers("a", "b"), []float32{1, 2}},
		"quotes":                        {"\"a \"\"1\"\", x\",\"b\"\n\"1\", \"2\" \n3,4\n", Options{}, numbers(`a "1", x`, "b"), []float32{1, 2, 3, 4}},
		"line ends in quotes":           {"a,b\n\"x\ny\",1\n\"x\ny\",2\nz,3\n", Options{}, []Column{{"a", []string{"x\ny", "z"}}, {"b", nil}}, []float32{0, 1, 0, 2, 1, 3}},
		"quotes within":                 {"a,b\n5\" disk,1\n3\" disk,2\n", Options{}, []Column{{"a", []string{`3" disk`, `5" disk`}}, {"b", nil}}, []float32{1, 1, 0, 2}},
		"missing values":                {"a,b\n,2\nNA,nan\n?,N/A\nNull,none\n1,\n", Options{}, numbers("a", "b"), []float32{nan, 2, nan, nan, nan, nan, nan, nan, 1, nan}},
		"only missing values":           {"a,b\n,1\n,2\n", Options{}, numbers("a", "b"), []float32{nan, 1, nan, 2}},
		"one column":                    {"a\n1\n2\n", Options{}, numbers("a"), []float32{1, 2}},
		"empty names":                   {",b\n1,2\n", Options{}, numbers("column 1", "b"), []float32{1, 2}},
		"a header that is said":         {"x,y\nu,v\nx,y\n", Options{Header: Present}, []Column{{"x", []string{"u", "x"}}, {"y", []string{"v", "y"}}}, []float32{0, 0, 1, 1}},
		"texts that come again":         {"x,y\nu,v\nx,y\n", Options{}, []Column{{"column 1", []string{"u", "x"}}, {"column 2", []string{"v", "y"}}}, []float32{1, 1, 0, 0, 1, 1}},
		"numbers that are names":        {"1,2\n3,4\n", Options{Header: Present}, numbers("1", "2"), []float32{3, 4}},
		"texts beside numbers":          {"doors\n2\n4\n5more\n2\n", Options{}, []Column{{"doors", []string{"2", "4", "5more"}}}, []float32{0, 1, 2, 0}},
		"numbers that are categories":   {"a\n10\n9\n9\n", Options{Text: []string{"a"}}, []Column{{"a", []string{"9", "10"}}}, []float32{1, 0, 0}},
		"a column left out":             {"a,b,c\n1,x,3\n", Options{Drop: []string{"2"}}, numbers("a", "c"), []float32{1, 3}},
		"emoji":                         {"a,b\n🙂,1\n\"x, 🙃\",2\n", Options{}, []Column{{"a", []string{"x, 🙃", "🙂"}}, {"b", nil}}, []float32{1, 1, 0, 2}},
		"a separator that is said":      {"a b\n1 2\n", Options{Separator: ' '}, numbers("a", "b"), []float32{1, 2}},
		"the columns of another":        {"c,b,a\n9,2,x\n8,?,z\n", Options{Columns: []Column{{"a", []string{"y", "x"}}, {"b", nil}}}, []Column{{"a", []string{"y", "x"}}, {"b", nil}}, []float32{1, 2, nan, nan}},
		"the columns of another, order": {"x,2\n", Options{Columns: []Column{{"a", []string{"y", "x"}}, {"b", nil}}}, []Column{{"a", []string{"y", "x"}}, {"b", nil}}, []float32{1, 2}},
	} {
		got, err := parse(c.text, c.options)
		require.NoError(t, err, name)
		require.Equal(t, c.columns, got.Columns, name)
		requireValues(t, c.values, got.Values, name)
		require.Equal(t, got.Rows*len(got.Columns), len(got.Values), name)
	}
}

func TestLabelsAndWeightsAreSetApart(t *testing.T) {
	const text = "x,class,w\n1,10,1\n2,9,0.5\n3,\"cat, 🐈\",0\n4,9,2\n"
	got, err := parse(text, Options{Label: "class", Classes: true, Weight: "-1"})
	require.NoError(t, err)
	require.Equal(t, []Column{{Name: "x"}}, got.Columns)
	require.Equal(t, []float32{1, 2, 3, 4}, got.Values)
	require.Equal(t, Column{"class", []string{"9", "10", "cat, 🐈"}}, got.Label)
	require.Equal(t, []float32{1, 0, 2, 0}, got.Labels)
	require.Equal(t, []float32{1, 0.5, 0, 2}, got.Weights)

	got, err = parse("1,2.5\n2,-1\n", Options{Label: "2"})
	require.NoError(t, err)
	require.Equal(t, Column{Name: "column 2"}, got.Label)
	require.Equal(t, []float32{2.5, -1}, got.Labels)

	// NA is a class like others; the model's classes keep their order.
	got, err = parse("x,class\n1,NA\n2,b\n", Options{Label: "class", Classes: true, ClassNames: []string{"b", "NA"}})
	require.NoError(t, err)
	require.Equal(t, []float32{1, 0}, got.Labels)
	require.Equal(t, []string{"b", "NA"}, got.Label.Categories)
}

// A text late in the file changes what its column is.
func TestAColumnsKindDependsOnAllItsFields(t *testing.T) {
	var b strings.Builder
	b.WriteString("a,b\n")
	const n = 200_000
	for i := range n {
		fmt.Fprintf(&b, "%d,%d\n", i%10, i)
	}
	for range n / 5 {
		b.WriteString("x,1\n")
	}
	var told []int64
	got, err := parse(b.String(), Options{Progress: func(done, total int64) { told = append(told, done, total) }})
	require.NoError(t, err)
	require.Equal(t, []Column{{"a", strings.Split("0123456789x", "")}, {"b", nil}}, got.Columns)
	require.Equal(t, []float32{0, 0, 1, 1, 2, 2}, got.Values[:6])
	require.Equal(t, []float32{10, 1}, got.Values[2*n:][:2])
	require.Equal(t, n+n/5, got.Rows)
	require.Equal(t, []int64{int64(2 * b.Len()), int64(2 * b.Len())}, told[len(told)-2:])
}

func TestMalformedFilesAreNamedWithLineAndColumn(t *testing.T) {
	rows := strings.Repeat("1,2\n", 20)
	for _, c := range []struct {
		text    string
		options Options
		want    string
	}{
		{"", Options{}, "an empty file"},
		{"\n\n \n", Options{}, "no rows"},
		{"\ufeff", Options{}, "no rows"},
		{"a,b\n", Options{Header: Present}, "no rows"},
		{"\xff\xfea\x00", Options{}, "line 1: UTF-16, want UTF-8"},
		{"a,b\n1,2\n3\n", Options{}, "line 3, column 2: the row ends after 1 fields, want 2"},
		{"a,b\n1,2\n\n3,4,5\n", Options{}, "line 4, column 3: more than 2 fields"},
		{"a,b\n" + rows + "1,2,\n", Options{}, "line 22, column 3: more than 2 fields"},
		{"a,b\n" + rows + "1x,2\n", Options{}, `line 22, column 1 (a): "1x" is not a number, but 20 other fields of the column are`},
		{rows + "1,1e99\n", Options{}, `line 21, column 2: "1e99" is not a number`},
		{"a,b\n" + strings.Repeat("1,2\n", 100_000) + "1,-\n", Options{}, `line 100002, column 2 (b): "-" is not a number, but 100000 other`},
		{"a,b\n1,\"2\n3,4\n", Options{}, "line 2, column 2: a quoted field that does not end"},
		{"a,b\n\"x\ny\",\"2\n3,4\n", Options{}, "line 3, column 2: a quoted field that does not end"},
		{"a,b\n1,\"2\"3\n", Options{}, `line 2, column 2: '3' after a closing quote`},
		{"a,a\n1,2\n", Options{}, `line 1, columns 1 and 2 are both named "a"`},
		{"a,b\n\xffx,1\n", Options{}, `line 2, column 1 (a): "\xffx" is not UTF-8`},
		{"a,b\nx\x00,1\n", Options{}, `line 2, column 1 (a): "x\x00" is not UTF-8`},
		{"a,b\n1,2\n", Options{Label: "c"}, `line 1: no column "c" for the label, the columns are a, b`},
		{"a,b\n1,2\n", Options{Label: "3"}, "line 1: no column 3 for the label, there are 2"},
		{"a,b\n1,2\n", Options{Label: "0"}, "line 1: no column 0 for the label, there are 2"},
		{"a,b\n1,2\n", Options{Weight: "-3"}, "line 1: no column -3 for the weight, there are 2"},
		{"a,b\n1,2\n", Options{Drop: []string{"c"}}, `line 1: no column "c" for drop`},
		{"a,b\n1,2\n", Options{Text: []string{"c"}}, `line 1: no column "c" for text`},
		{"\"a\n1\",b\n1,2\n", Options{Label: "c"}, `line 1: no column "c" for the label, the columns are "a\n1", b`},
		{"a\n1\n", Options{Label: "a"}, "line 1: no column besides the label, the columns are a"},
		{"a,b\n1,2\n3,\n", Options{Label: "b"}, "line 3, column 2 (b): no label"},
		{"a,b\n1,2\n3,x\n", Options{Label: "b"}, `line 3, column 2 (b): "x" is not a number`},
		{"a,b\n1,x\n3,\n", Options{Label: "b", Classes: true}, "line 3, column 2 (b): no label"},
		{"a,b\n1,x\n3,y\n", Options{Label: "b", Classes: true, ClassNames: []string{"x"}}, `line 3, column 2 (b): "y" is none of the classes`},
		{"a,w\n1,2\n3,-1\n", Options{Weight: "w"}, "line 3, column 2 (w): a weight of -1, want at least 0"},
		{"a,w\n1,2\n3,?\n", Options{Weight: "w"}, "line 3, column 2 (w): no weight"},
		{"a,c\n1,2\n", Options{Columns: []Column{{Name: "a"}, {Name: "b"}}}, `line 1: no column "b", the columns are a, c`},
		{"1,2,3\n", Options{Columns: []Column{{Name: "a"}, {Name: "b"}}}, "line 1: 3 columns, want 2"},
		{"a,b\n1,2\nx,4\n", Options{Columns: []Column{{Name: "a"}, {Name: "b"}}}, `line 3, column 1 (a): "x" is not a number`},
		{strings.Repeat(",", maxColumns) + "\n", Options{}, "line 1, column 65537: more than 65536 columns"},
		{"a\n" + strings.Repeat("x", maxRow+1<<20), Options{}, "line 2, column 1: a line of more than 16777216 bytes"},
		{"a\n\"" + strings.Repeat("x\n", maxRow/2+1<<20), Options{}, "line 2, column 1: a quoted field of more than 16777216 bytes"},
	} {
		path := filepath.Join(t.TempDir(), "a.csv")
		require.NoError(t, os.WriteFile(path, []byte(c.text), 0o666))
		_, err := Read(path, c.options)
		require.Error(t, err, c.want)
		require.ErrorContains(t, err, path+": "+c.want)
		require.NotContains(t, err.Error(), "\n")
	}
	_, err := Read(t.TempDir(), Options{})
	require.ErrorContains(t, err, "a folder, not a file")
}

func TestTablesTakeLittleMoreThanTheirFloats(t *testing.T) {
	many := func(row func(int) string, n int) string {
		var b strings.Builder
		b.WriteString("a,b\n")
		for i := range n {
			b.WriteString(row(i))
		}
		return b.String()
	}
	for name, c := range map[string]struct {
		text string
		most int // besides 1.2 times the floats
		want string
	}{
		"numbers":       {many(func(i int) string { return fmt.Sprintf("%d.5,%d%s\n", i, i, strings.Repeat(",1.25", 48)) }, 0) + strings.Repeat("1.5"+strings.Repeat(",1.25", 49)+"\n", 50_000), 0, ""},
		"short lines":   {"a" + strings.Repeat(",b", 1000) + strings.Repeat("\n1", 2_000_000), 8 << 20, "columns 2 and 3 are both named"},
		"line ends":     {"1" + strings.Repeat(",1", 1000) + strings.Repeat("\n1", 2_000_000), 8 << 20, "line 2, column 2: the row ends after 1 fields, want 1001"},
		"empty fields":  {strings.Repeat(",,,,,,,,,\n", 400_000) + "x", 32 << 20, "line 400001, column 2: the row ends after 1 fields, want 10"},
		"texts":         {many(func(i int) string { return fmt.Sprintf("%x!,\n", i) }, 200_000), 64 << 20, "line 131074, column 1 (a): more than 131072 different texts"},
		"an open quote": {"a,b\n\"" + strings.Repeat("1,2\n", 1<<20), 64 << 20, "line 2, column 1: a quoted field that does not end"},
	} {
		text := c.text
		if name == "numbers" {
			text = text[len("a,b\n"):]
		}
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		got, err := parse(text, Options{})
		runtime.ReadMemStats(&after)
		floats := 0
		if c.want != "" {
			require.ErrorContains(t, err, c.want, name)
			floats = 2 * len(text) / 4 * 5 / 6
		} else {
			require.NoError(t, err)
			floats = len(got.Values)
		}
		require.Less(t, after.TotalAlloc-before.TotalAlloc, uint64(4*floats*6/5+c.most+4<<20), name)
	}
}

// FuzzRead holds that what is read is whole, and that other sizes of reads give the same.
func FuzzRead(f *testing.F) {
	for _, s := range []string{
		"a,b\n1,2\n3,4\n", "\ufeffa;b\r\n\"x\"\"\ny\";?\r\n,-1.5e3", "1\t2\n", "x,y\nu,v\n\"x\" ,y\n", "\"", "a\n\n\n1", ",\n,,\n",
	} {
		f.Add([]byte(s), "1", true)
		f.Add([]byte(s), "", false)
	}
	f.Fuzz(func(t *testing.T, text []byte, label string, classes bool) {
		o := Options{Label: label, Classes: classes}
		got, err := read(bytes.NewReader(text), int64(len(text)), o)
		if err != nil {
			require.NotContains(t, err.Error(), "\n")
			return
		}
		require.Positive(t, got.Rows)
		require.Len(t, got.Values, got.Rows*len(got.Columns))
		for j, v := range got.Values {
			c := got.Columns[j%len(got.Columns)]
			require.True(t, c.Categories == nil || v != v || v >= 0 && int(v) < len(c.Categories))
		}
		if label != "" {
			require.Len(t, got.Labels, got.Rows)
		}
		// The same columns give the same table again.
		o.Columns, o.Header = got.Columns, Absent
		if got.Header {
			o.Header = Present
		}
		if classes {
			o.ClassNames = got.Label.Categories
		}
		again, err := read(bytes.NewReader(text), int64(len(text)), o)
		require.NoError(t, err)
		requireValues(t, got.Values, again.Values, "")
	})
}
