package codriver_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"strings"
	"testing"
)

// undocumented gives the places of exported names without a comment: functions, methods, types, constants, variables, fields.
func undocumented(file *ast.File) (found []*ast.Ident) {
	want := func(name *ast.Ident, comments ...*ast.CommentGroup) {
		for _, comment := range comments {
			if strings.TrimSpace(comment.Text()) != "" {
				return
			}
		}
		if name.IsExported() {
			found = append(found, name)
		}
	}
	members := func(list *ast.FieldList) {
		for _, field := range list.List {
			for _, name := range field.Names {
				want(name, field.Doc, field.Comment)
			}
		}
	}
	for _, declaration := range file.Decls {
		switch declared := declaration.(type) {
		case *ast.FuncDecl:
			if receiver := declared.Recv; receiver != nil && !exported(receiver.List[0].Type) {
				continue
			}
			want(declared.Name, declared.Doc)
		case *ast.GenDecl:
			for _, spec := range declared.Specs {
				switch spec := spec.(type) {
				case *ast.ValueSpec:
					for _, name := range spec.Names {
						want(name, spec.Doc, spec.Comment, declared.Doc)
					}
				case *ast.TypeSpec:
					want(spec.Name, spec.Doc, spec.Comment, declared.Doc)
					if !spec.Name.IsExported() {
						continue
					}
					switch shape := spec.Type.(type) {
					case *ast.StructType:
						members(shape.Fields)
					case *ast.InterfaceType:
						members(shape.Methods)
					}
				}
			}
		}
	}
	return found
}

// exported says whether a receiver is of an exported type.
func exported(receiver ast.Expr) bool {
	switch of := receiver.(type) {
	case *ast.StarExpr:
		return exported(of.X)
	case *ast.IndexExpr:
		return exported(of.X)
	case *ast.Ident:
		return of.IsExported()
	default:
		return false
	}
}

func TestEveryExportedNameIsDocumented(t *testing.T) {
	for _, directory := range []string{".", "events"} {
		paths, err := filepath.Glob(filepath.Join(directory, "*.go"))
		if err != nil || len(paths) < 5 {
			t.Fatalf("%s has %d files, %v", directory, len(paths), err)
		}
		for _, path := range paths {
			if strings.HasSuffix(path, "_test.go") {
				continue
			}
			files := token.NewFileSet()
			file, err := parser.ParseFile(files, path, nil, parser.ParseComments)
			if err != nil {
				t.Fatal(err)
			}
			for _, name := range undocumented(file) {
				t.Errorf("%s: %s has no comment", files.Position(name.Pos()), name.Name)
			}
		}
	}
}

func TestANameWithoutACommentIsFound(t *testing.T) {
	source := `package p

func Bare() {}

// Told is told.
type Told struct {
	Field int
	// Other is told.
	Other, own int
}

func (Told) Method() {}

func (own) Method() {}

const A, b = 1, 2

// All of them.
var (
	C = 1
	D = 2
)
`
	file, err := parser.ParseFile(token.NewFileSet(), "p.go", source, parser.ParseComments)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, name := range undocumented(file) {
		names = append(names, name.Name)
	}
	if told := strings.Join(names, " "); told != "Bare Field Method A" {
		t.Errorf("found %q", told)
	}
}
