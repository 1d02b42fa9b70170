// Package page writes a report as one HTML file that needs nothing else: no script, font
// or picture is loaded. It is light or dark like the reader's system, and fits a phone.
package page

import (
	"bytes"
	_ "embed"
	"encoding/base64"
	"fmt"
	"html/template"
	"io"
	"slices"
	"strings"

	"github.com/lanes-ml/lanes/cmd/lanes/internal/picture"
)

// Page is a report: a title, a line under it, and sections.
type Page struct {
	Title, Subtitle string
	Sections        []Section
}

// Section is a title and what stands under it, in order.
type Section struct {
	Title  string
	Blocks []Block
}

// Block is a paragraph, a text with markup, a table or a row of figures: one of them is
// set.
type Block struct {
	Text    string
	Prose   *Prose
	Table   *Table
	Figures []Figure
}

// Prose is a text with the markup of its template, in which Data is escaped.
type Prose struct {
	Template *template.Template
	Data     any
}

// HTML returns the text. It is the only place where text becomes markup of a page: package
// html/template has escaped the data in it.
func (p Prose) HTML() (template.HTML, error) {
	var b strings.Builder
	err := p.Template.Execute(&b, p.Data)
	return template.HTML(b.String()), err
}

// Table is a table of text. Numeric columns are aligned right, and rows in Marked are
// highlighted. Groups, if there are any, make a row of heads above those of the columns.
type Table struct {
	Caption string
	Groups  []Group
	Columns []Column
	Rows    [][]string
	Marked  []int
}

// Group is the head of several columns.
type Group struct {
	Name    string
	Columns int
}

// Column is the head of a column.
type Column struct {
	Name    string
	Numeric bool
}

// IsMarked reports whether row i is highlighted.
func (t Table) IsMarked(i int) bool { return slices.Contains(t.Marked, i) }

// Figure is a picture with a caption. Alt describes it to those who cannot see it.
type Figure struct {
	Picture      picture.Picture
	Caption, Alt string
}

//go:embed page.html
var source string

// Style is the style sheet of pages.
//
//go:embed style.css
var Style string

var layout = template.Must(template.New("page").Parse(strings.Replace(source, "STYLE", "\n"+Style, 1)))

// sources are the pictures of a figure as data URLs. Dark is empty if it is the same as
// Light.
type sources struct {
	Light template.URL
	Dark  template.Srcset
}

// Sources draws the figure.
func (f Figure) Sources() (sources, error) {
	light, err := f.Picture.PNG(picture.Light)
	if err != nil {
		return sources{}, err
	}
	dark, err := f.Picture.PNG(picture.Dark)
	if err != nil || bytes.Equal(light, dark) {
		return sources{Light: template.URL(inline(light))}, err
	}
	return sources{template.URL(inline(light)), template.Srcset(inline(dark))}, nil
}

func inline(png []byte) string {
	return "data:image/png;base64," + base64.StdEncoding.EncodeToString(png)
}

// Write writes the page.
func (p Page) Write(w io.Writer) error {
	if err := layout.Execute(w, p); err != nil {
		return fmt.Errorf("the page %q: %w", p.Title, err)
	}
	return nil
}
