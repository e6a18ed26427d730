package spec

import (
	"net/url"
	"path"
	"regexp"
	"slices"
	"strings"
)

var (
	modeRE     = regexp.MustCompile(`^[0-7]{3,4}$`)
	ownerRE    = regexp.MustCompile(`^[0-9]{1,10}(:[0-9]{1,10})?$`)
	checksumRE = regexp.MustCompile(`^sha256:[0-9a-f]{64}$`)
)

// files checks what an image holds, and that no two things have the same path.
func (v *validator) files(at keyPath, img Image) {
	taken := v.binaryPaths(at.to("binaries"), img.Binaries)
	for i, f := range img.Files {
		at := at.to("files", i)
		v.fileSource(at, f)
		v.fileDest(at.to("to"), f, taken)
		if f.Mode != "" && !modeRE.MatchString(f.Mode) {
			hint := oneOf("0"+strings.TrimLeft(f.Mode, "0oO"), modeRE.MatchString)
			v.value(at.to("mode"), "bad-mode", hint, "%s is not a mode: 3 or 4 octal digits, as 0644", quote(f.Mode))
		}
		if f.Owner != "" && !isOwner(f.Owner) {
			v.value(at.to("owner"), "bad-owner", "", "%s is not an owner: numbers, as 65532 or 65532:65532", quote(f.Owner))
		}
	}
}

// isOwner reports whether s is uid[:gid] in decimal.
func isOwner(s string) bool {
	uid, gid, more := strings.Cut(s, ":")
	return ownerRE.MatchString(s) && isID(uid) && (!more || isID(gid))
}

// binaryPaths checks where binaries go, and gives by path what takes it.
func (v *validator) binaryPaths(at keyPath, binaries []ImageBinary) map[string]string {
	taken := map[string]string{}
	for i, b := range binaries {
		at := at.to(i, "path")
		if b.Path != "" && v.untemplated(at, b.Path) {
			v.flaw(at, "bad-path", filePathFlaw(b.Path))
		}
		if b.Name == "" && b.Path == "" {
			continue
		}
		this, by := "binary "+quote(b.Name), taken[b.Dest()]
		if by != "" && by != this {
			v.value(at, "duplicate-path", "", "%s is already taken by %s", quote(b.Dest()), by)
		}
		taken[b.Dest()] = this
	}
	return taken
}

// fileSource is a key that says where a file is from, and the keys that don't go with it.
type fileSource struct {
	key     string
	without []string
}

// fileSources are in the order in which a file that has several is judged.
var fileSources = []fileSource{
	{"link", []string{"from", "image", "url", "checksum", "mode", "owner"}},
	{"url", []string{"from", "image"}},
	{"image", []string{"checksum"}},
	{"from", []string{"checksum"}},
}

// fileSource checks that a file is from one place.
func (v *validator) fileSource(at keyPath, f File) {
	set := map[string]string{
		"from": f.From, "image": f.Image, "url": f.URL, "checksum": f.Checksum, "link": f.Link, "mode": f.Mode, "owner": f.Owner,
	}
	if slices.ContainsFunc(fileSources, func(s fileSource) bool { return v.broken(at.to(s.key)) }) {
		return
	}
	i := slices.IndexFunc(fileSources, func(s fileSource) bool { return set[s.key] != "" })
	if i < 0 {
		v.key(at, "missing-key", "", "a file needs from, url or link: where it is from")
		return
	}
	source := fileSources[i]
	for _, key := range source.without {
		if set[key] != "" {
			v.key(at.to(key), "bad-file", "", "a file with %s can't have %s", source.key, key)
		}
	}
	switch source.key {
	case "link":
		if strings.ContainsAny(f.Link, "\x00\n\r") {
			v.value(at.to("link"), "bad-path", "", "%s holds a line break or a NUL", quote(f.Link))
		}
	case "url":
		v.download(at, f)
	case "image":
		v.fromImage(at, f)
	default:
		v.fromContext(at.to("from"), f.From)
	}
}

func (v *validator) fromContext(at keyPath, from string) {
	if !v.outside(at, from) && v.slashPath(at, "bad-path", from) {
		v.pattern(at, from)
	}
}

func (v *validator) fromImage(at keyPath, f File) {
	if f.Image == "scratch" {
		v.value(at.to("image"), "bad-image", "", `"scratch" has no files`)
	} else {
		v.image(at.to("image"), f.Image)
	}
	if at := at.to("from"); f.From == "" {
		v.key(at, "missing-key", "", "a file of an image needs from: its path there")
	} else if v.slashPath(at, "bad-path", f.From) {
		v.flaw(at, "bad-path", pathFlaw(f.From))
		v.pattern(at, f.From)
	}
}

// pattern checks a path that may be a pattern.
func (v *validator) pattern(at keyPath, p string) {
	if _, err := path.Match(p, ""); err != nil {
		v.value(at, "bad-path", "", "%s is not a pattern: a [ or what it holds is not closed", quote(p))
	} else if strings.Contains(p, "**") {
		v.value(at, "bad-path", "", "%s: ** is not supported; name a directory, which is taken with all that it holds", quote(p))
	}
}

// download checks a file from a URL.
func (v *validator) download(at keyPath, f File) {
	if v.untemplated(at.to("url"), f.URL) {
		v.flaw(at.to("url"), "bad-url", urlFlaw(f.URL))
	}
	switch {
	case f.Checksum == "":
		v.key(at.to("checksum"), "missing-key", "", "a file from a URL needs checksum: sha256: and 64 hexadecimal digits")
	case !checksumRE.MatchString(f.Checksum):
		digits := strings.ToLower(f.Checksum[strings.LastIndexByte(f.Checksum, ':')+1:])
		v.value(at.to("checksum"), "bad-checksum", oneOf("sha256:"+digits, checksumRE.MatchString),
			"%s is not sha256: and 64 hexadecimal digits", quote(f.Checksum))
	}
}

func urlFlaw(s string) flaw {
	u, err := url.Parse(s)
	switch {
	case err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "":
		return flaw{quote(s) + " is not a URL with http or https", ""}
	case u.User != nil:
		return flaw{"a URL can't hold a password: it would be recorded", ""}
	}
	return flaw{}
}

// fileDest checks where a file goes, and takes that path.
func (v *validator) fileDest(at keyPath, f File, taken map[string]string) {
	if f.To == "" {
		v.key(at, "missing-key", "", "a file needs to: its path in the image")
		return
	}
	if !v.untemplated(at, f.To) {
		return
	}
	into := strings.HasSuffix(f.To, "/")
	dest, named := destination(f)
	bad := pathFlaw(f.To)
	switch {
	case bad.msg != "":
		v.flaw(at, "bad-path", bad)
	case IsPattern(f.From) && !into:
		v.value(at, "bad-path", f.To+"/", `what a pattern matches goes into a directory: %s must end in "/"`, quote(f.To))
	case f.Link != "" && into:
		v.flaw(at, "bad-path", filePathFlaw(f.To))
	case !named:
		v.value(at, "bad-path", "", "%s is a directory, and %s does not name the file; name it here", quote(f.To), quote(f.URL))
	}
	if by := taken[dest]; by != "" {
		v.value(at, "duplicate-path", "", "%s is already taken by %s", quote(dest), by)
	} else if dest != "" {
		taken[dest] = "file " + quote(f.name())
	}
}

// name is what messages call a file.
func (f File) name() string {
	switch {
	case f.Link != "":
		return f.To
	case f.URL != "":
		return f.URL
	}
	return f.From
}

// Dest is the path that the file has in the image, "" where that depends on what a pattern
// matches.
func (f File) Dest() string {
	dest, _ := destination(f)
	return dest
}

// destination gives the path that a file has in the image, "" where that depends on what a
// pattern matches, and whether a path can be told.
func destination(f File) (dest string, ok bool) {
	if !strings.HasSuffix(f.To, "/") {
		return path.Clean(f.To), true
	}
	switch {
	case IsPattern(f.From):
		return "", true
	case f.URL == "":
		return path.Join(f.To, path.Base(path.Clean(f.From))), true
	}
	u, err := url.Parse(f.URL)
	if err != nil { // said at url
		return "", true
	}
	base := path.Base(u.Path)
	if base == "." || base == "/" {
		return "", false
	}
	return path.Join(f.To, base), true
}
