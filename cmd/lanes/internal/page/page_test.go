package page

import (
	"errors"
	"html/template"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/lanes-ml/lanes/cmd/lanes/internal/picture"
)

func example() Page {
	var loss []picture.Point
	for i := range 100 {
		loss = append(loss, picture.Point{X: float64(i + 1), Y: 2.3 / float64(i+1)})
	}
	run := picture.Run{Name: "a run", Loss: loss, TrainAccuracy: loss[50:55], ValAccuracy: loss[50:55]}
	units := make([][]float32, 12)
	for i := range units {
		units[i] = make([]float32, 3*32*32)
		units[i][i] = 1
	}
	wide := Table{Caption: "Every step", Marked: []int{1}, Columns: []Column{{"name", false}}, Rows: [][]string{{"first"}, {"second"}}}
	for range 40 {
		wide.Columns = append(wide.Columns, Column{"value", true})
		for i := range wide.Rows {
			wide.Rows[i] = append(wide.Rows[i], "0.12345")
		}
	}
	wide.Groups = []Group{{"", 1}, {"values", 40}}
	return Page{
		Title: "runs/<report>", Subtitle: "It is a test & no more.",
		Sections: []Section{
			{"Curves", []Block{{Figures: []Figure{
				{picture.Loss(run), "Loss of the batches.", "The loss falls from 2.3 to 0"},
				{picture.Accuracy(run), "Accuracy after each epoch.", "The accuracy"},
			}}}},
			{"Weights", []Block{
				{Text: "What they look for."},
				{Prose: &Prose{template.Must(template.New("").Parse("<ul><li>{{.}}</li></ul>")), "a < b"}},
				{Figures: []Figure{{picture.Weights([]int{3, 32, 32}, units), "", "Twelve tiles"}}},
			}},
			{"All", []Block{{Table: &wide}}},
		},
	}
}

// written is the example as a file.
var written = sync.OnceValues(func() (string, error) {
	var b strings.Builder
	err := example().Write(&b)
	return b.String(), err
})

func TestPageNeedsNothingElse(t *testing.T) {
	html, err := written()
	require.NoError(t, err)
	require.NotContains(t, html, "<script")
	for _, address := range regexp.MustCompile(`(?:src|srcset|href)="([^"]{0,30})|url\(([^)]*)`).FindAllStringSubmatch(html, -1) {
		require.Regexp(t, "^data:", address[1]+address[2])
	}
}

func TestPageHoldsTextAsItIs(t *testing.T) {
	html, err := written()
	require.NoError(t, err)
	require.Contains(t, html, "<h1>runs/&lt;report&gt;</h1>")
	require.Contains(t, html, "It is a test &amp; no more.")
	require.Contains(t, html, "<p>What they look for.</p>")
	require.Contains(t, html, "<ul><li>a &lt; b</li></ul>")
	require.Contains(t, html, `<th scope="colgroup" colspan="40" class="group">values</th>`)
	require.Contains(t, html, `<tr class="marked"><td>second</td><td class="number">0.12345</td>`)
}

func TestPictureHasADarkSourceWhereItDiffers(t *testing.T) {
	html, err := written()
	require.NoError(t, err)
	require.Equal(t, 3, strings.Count(html, "<img "))
	require.Equal(t, 3, strings.Count(html, ` alt="T`))
	require.Equal(t, 2, strings.Count(html, "<source ")) // weights have no background
}

type brokenPipe struct{}

func (brokenPipe) Write([]byte) (int, error) { return 0, errors.New("the pipe is broken") }

func TestPageThatCannotBeWrittenIsAnError(t *testing.T) {
	require.ErrorContains(t, example().Write(brokenPipe{}), "runs/<report>\": the pipe is broken")
}

// The one place where text becomes marks is what package html/template wrote.
func TestNothingButATemplateMakesMarks(t *testing.T) {
	sources := 0
	for _, pattern := range []string{"../../*.go", "../*/*.go"} {
		files, err := filepath.Glob(pattern)
		require.NoError(t, err)
		for _, name := range files {
			if strings.HasSuffix(name, "_test.go") {
				continue
			}
			sources++
			text, err := os.ReadFile(name)
			require.NoError(t, err)
			found := regexp.MustCompile(`template\.(HTML|HTMLAttr|JS|JSStr|CSS)\(.*`).FindAllString(string(text), -1)
			if filepath.Base(name) == "page.go" {
				require.Equal(t, []string{"template.HTML(b.String()), err"}, found)
			} else {
				require.Empty(t, found, name)
			}
		}
	}
	require.Greater(t, sources, 40)
}
