package page

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io/fs"
	"net/http"
	"path"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"rejoinder/handlers/httpio"
	"rejoinder/web"
)

// assetFile is one style sheet or image.
type assetFile struct {
	content     []byte
	contentType string
	hash        string // of the content
}

// assets are the files of package web by name. Each is served under its plain name, and for good under a name
// that holds the hash of its content, which is the one that pages use.
var assets = loadAssets(web.Assets)

var assetTypes = map[string]string{
	".css": "text/css; charset=utf-8",
	".svg": "image/svg+xml",
	".js":  "text/javascript; charset=utf-8",
}

func loadAssets(files fs.FS) map[string]assetFile {
	found := map[string]assetFile{}
	err := fs.WalkDir(files, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		content, err := fs.ReadFile(files, name)
		if err != nil {
			return err
		}
		base := path.Base(name)
		contentType, known := assetTypes[path.Ext(base)]
		if _, twice := found[base]; twice || !known {
			return fmt.Errorf("asset %s: its name occurs twice or its type is unknown", name)
		}
		found[base] = newAsset(content, contentType)
		return nil
	})
	if err != nil {
		panic("embedded assets: " + err.Error())
	}
	for name := range found {
		linkModule(found, name, nil)
	}
	return found
}

func newAsset(content []byte, contentType string) assetFile {
	sum := sha256.Sum256(content)
	return assetFile{content: content, contentType: contentType, hash: hex.EncodeToString(sum[:8])}
}

// imported finds the modules that a module imports.
var imported = regexp.MustCompile(`(from|import) "\./([a-z]+\.js)"`)

// linkModule has a module import others under the names that hold their hashes, so that its own hash changes
// with theirs. Modules that import each other in a circle have no such names, and are refused.
func linkModule(files map[string]assetFile, name string, through []string) {
	if path.Ext(name) != ".js" {
		return
	}
	if slices.Contains(through, name) {
		panic("embedded assets: " + name + " imports itself through others")
	}
	linked := imported.ReplaceAllFunc(files[name].content, func(match []byte) []byte {
		parts := imported.FindSubmatch(match)
		how, other := string(parts[1]), string(parts[2])
		if _, ok := files[other]; !ok {
			panic("embedded assets: " + name + " imports " + other + ", which is not there")
		}
		linkModule(files, other, append(through, name))
		stem, ext := splitExt(other)
		return []byte(how + ` "./` + stem + "-" + files[other].hash + ext + `"`)
	})
	files[name] = newAsset(linked, files[name].contentType)
}

// assetAddress is where a page finds the asset; an error for one that does not exist.
func assetAddress(name string) (string, error) {
	file, ok := assets[name]
	if !ok {
		return "", fmt.Errorf("no asset %q", name)
	}
	stem, ext := splitExt(name)
	return "/assets/" + stem + "-" + file.hash + ext, nil
}

func splitExt(name string) (stem, ext string) {
	ext = path.Ext(name)
	return strings.TrimSuffix(name, ext), ext
}

// asset serves a file of package web. A name with an old hash is answered with today's content, for pages
// that were kept longer than the server ran, but it is not kept in turn.
func ServeAsset(c *gin.Context) error {
	name := c.Param("file")
	file, ok := assets[name]
	caching := "no-cache"
	if !ok {
		stem, ext := splitExt(name)
		plain, hash, _ := strings.Cut(stem, "-")
		if file, ok = assets[plain+ext]; !ok {
			return httpio.ErrNoRoute
		}
		if hash == file.hash {
			caching = "public, max-age=31536000, immutable"
		}
	}
	c.Header("Content-Type", file.contentType)
	c.Header("Cache-Control", caching)
	c.Header("ETag", `"`+file.hash+`"`)
	c.Request.Header.Del("Range") // the files are small, and an invalid range would be refused in plain text
	http.ServeContent(c.Writer, c.Request, "", time.Time{}, bytes.NewReader(file.content))
	return nil
}
