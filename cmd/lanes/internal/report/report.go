// Package report gathers what a run, a sweep or the whole report came to: into pages
// with pictures, and into the tables that the command prints. It puts the figures
// that were published beside those here.
package report

import (
	"bytes"
	"fmt"
	"path/filepath"

	"github.com/lanes-ml/lanes/cmd/lanes/internal/number"
	"github.com/lanes-ml/lanes/cmd/lanes/internal/page"
	"github.com/lanes-ml/lanes/cmd/lanes/internal/picture"
	"github.com/lanes-ml/lanes/net/train"
)

// Page is a page and its pictures.
type Page struct {
	page     page.Page
	pictures []named
}

// named is a picture and its file.
type named struct {
	file string
	page.Figure
}

// add adds a section with the blocks that are not empty.
func (p *Page) add(title string, blocks ...page.Block) {
	s := page.Section{Title: title}
	for _, b := range blocks {
		if b.Text != "" || b.Prose != nil || b.Table != nil || b.Figures != nil {
			s.Blocks = append(s.Blocks, b)
		}
	}
	if s.Blocks != nil {
		p.page.Sections = append(p.page.Sections, s)
	}
}

// figures returns the block of pictures, which get their files too.
func (p *Page) figures(pictures ...named) page.Block {
	var b page.Block
	for _, x := range pictures {
		b.Figures = append(b.Figures, x.Figure)
	}
	p.pictures = append(p.pictures, pictures...)
	return b
}

// Write writes the pictures into a folder, and then the page into a file.
func (p *Page) Write(folder, file string) error {
	for _, x := range p.pictures {
		png, err := x.Picture.PNG(picture.Light)
		if err != nil {
			return fmt.Errorf("%s: %w", x.file, err)
		}
		if err := train.WriteFile(filepath.Join(folder, x.file), png); err != nil {
			return err
		}
	}
	var html bytes.Buffer
	if err := p.page.Write(&html); err != nil {
		return err
	}
	return train.WriteFile(file, html.Bytes())
}

// columns returns heads of columns of numbers.
func columns(names ...string) []page.Column {
	var all []page.Column
	for _, name := range names {
		all = append(all, page.Column{Name: name, Numeric: true})
	}
	return all
}

// cell returns a loss or an accuracy in a table of a page, nothing if there is none.
func cell(x *float64) string { return number.Optional(x, number.Digits, "") }
