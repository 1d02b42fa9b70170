// Package report makes the pages of runs, of sweeps and of the reproduced report, with
// their pictures, and the tables that the command prints of a sweep. It puts published
// figures beside those of the trials.
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

// Page is a page with its pictures, ready to be written.
type Page struct {
	page     page.Page
	pictures []named
}

// named is a picture with the name of its file.
type named struct {
	file string
	page.Figure
}

// add adds a section of those blocks that are not empty, unless all are.
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

// figures returns a block of the pictures, which are also written as files.
func (p *Page) figures(pictures ...named) page.Block {
	var b page.Block
	for _, x := range pictures {
		b.Figures = append(b.Figures, x.Figure)
	}
	p.pictures = append(p.pictures, pictures...)
	return b
}

// Write writes the pictures into the folder, and then the page into the file.
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

// columns returns the heads of numeric columns.
func columns(names ...string) []page.Column {
	var all []page.Column
	for _, name := range names {
		all = append(all, page.Column{Name: name, Numeric: true})
	}
	return all
}

// cell returns a loss or an accuracy for a table of a page; a missing one is blank.
func cell(x *float64) string { return number.Optional(x, number.Digits, "") }
