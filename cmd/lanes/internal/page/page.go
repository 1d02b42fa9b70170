// Package page writes a report as one HTML file that needs nothing else: no
// script, no font, no picture from anywhere. It is light or dark as the reader's
// system is, and fits a phone.
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

// Block is a paragraph, a text with marks, a table or a row of figures: one of
// them is set.
type Block struct {
	Text    string
	Prose   *Prose
	Table   *Table
	Figures []Figure
}

// Prose is a text whose marks are its template's: what it says of Data is escaped.
type Prose struct {
	Template *template.Template
	Data     any
}

// HTML returns the text. It is the only place where what was written to a page is
// taken as marks: package html/template has escaped it.
func (p Prose) HTML() (template.HTML, error) {
	var b strings.Builder
	err := p.Template.Execute(&b, p.Data)
	return template.HTML(b.String()), err
}

// Table is a table of text. Numeric columns stand right. Rows that are Marked
// stand out. Groups, if there are any, are a row of heads above the columns'.
type Table struct {
	Caption string
	Groups  []Group
	Columns []Column
	Rows    [][]string
	Marked  []int
}

// Group is the head of so many columns.
type Group struct {
	Name    string
	Columns int
}

// Column is the head of a column.
type Column struct {
	Name    string
	Numeric bool
}

// IsMarked tells whether row i stands out.
func (t Table) IsMarked(i int) bool { return slices.Contains(t.Marked, i) }

// Figure is a picture with a caption. Alt says what it shows to those who don't
// see it.
type Figure struct {
	Picture      picture.Picture
	Caption, Alt string
}

//go:embed page.html
var source string

var layout = template.Must(template.New("page").Parse(source))

// sources are the pictures of a figure, inlined. Dark is empty where it is the
// same as Light.
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
