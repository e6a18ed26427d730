package gen

import (
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/acme/xbuild/plan"
	"github.com/acme/xbuild/spec"
)

// Where people read about xbuild and its rules.
const (
	homepage = "https://github.com/acme/xbuild"
	rulePage = homepage + "/blob/main/docs/rules.md#"
)

// sarifLog is what GitHub's code scanning reads of a SARIF log.
// https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html
type sarifLog struct {
	Schema  string     `json:"$schema"`
	Version string     `json:"version"`
	Runs    []sarifRun `json:"runs"`
}

type sarifRun struct {
	Tool       sarifTool     `json:"tool"`
	Results    []sarifResult `json:"results"`
	ColumnKind string        `json:"columnKind"`
}

type sarifTool struct {
	Driver sarifDriver `json:"driver"`
}

type sarifDriver struct {
	Name           string      `json:"name"`
	Version        string      `json:"version,omitempty"`
	InformationURI string      `json:"informationUri"`
	Rules          []sarifRule `json:"rules"`
}

type sarifRule struct {
	ID               string         `json:"id"`
	ShortDescription sarifMessage   `json:"shortDescription"`
	HelpURI          string         `json:"helpUri"`
	Default          sarifRuleLevel `json:"defaultConfiguration"`
}

type sarifRuleLevel struct {
	Level string `json:"level"`
}

type sarifMessage struct {
	Text string `json:"text"`
}

type sarifResult struct {
	RuleID    string          `json:"ruleId"`
	RuleIndex int             `json:"ruleIndex"`
	Level     string          `json:"level"`
	Message   sarifMessage    `json:"message"`
	Locations []sarifLocation `json:"locations"`
}

type sarifLocation struct {
	Physical sarifPlace `json:"physicalLocation"`
}

type sarifPlace struct {
	Artifact sarifArtifact `json:"artifactLocation"`
	Region   sarifRegion   `json:"region"`
}

type sarifArtifact struct {
	URI string `json:"uri"`
}

type sarifRegion struct {
	StartLine   int `json:"startLine"`
	StartColumn int `json:"startColumn"`
}

// sarif gives findings with the rules that they are of. What concerns the whole file is at
// its first line, since GitHub shows nothing without a line.
func sarif(version string, f findings) sarifLog {
	driver := sarifDriver{Name: "xbuild", Version: version, InformationURI: homepage, Rules: []sarifRule{}}
	results := []sarifResult{}
	for _, one := range f {
		i := slices.IndexFunc(driver.Rules, func(r sarifRule) bool { return r.ID == one.Rule })
		if i < 0 {
			i = len(driver.Rules)
			driver.Rules = append(driver.Rules, one.sarifRule())
		}
		results = append(results, sarifResult{
			RuleID: one.Rule, RuleIndex: i, Level: one.level(), Message: sarifText(one.Text()),
			Locations: []sarifLocation{{sarifPlace{
				Artifact: sarifArtifact{fileURI(one.Pos.File)},
				Region:   sarifRegion{StartLine: max(1, one.Pos.Line), StartColumn: max(1, one.Pos.Col)},
			}}},
		})
	}
	return sarifLog{
		Schema:  "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json",
		Version: "2.1.0",
		Runs:    []sarifRun{{Tool: sarifTool{driver}, Results: results, ColumnKind: "unicodeCodePoints"}},
	}
}

func (one finding) sarifRule() sarifRule {
	return sarifRule{
		ID: one.Rule, ShortDescription: sarifText(ruleDoc(one.Rule)), HelpURI: rulePage + one.Rule, Default: sarifRuleLevel{one.level()},
	}
}

// sarifPlaceholder is where viewers fill in an argument of a message.
var sarifPlaceholder = regexp.MustCompile(`\{\d+\}`)

// sarifText is a message that viewers take for no link and no placeholder.
func sarifText(text string) sarifMessage {
	text = strings.ReplaceAll(text, "](", "] (")
	return sarifMessage{sarifPlaceholder.ReplaceAllString(text, "{$0}")}
}

// ruleDoc says what a rule is about, by its name where no table has it.
func ruleDoc(name string) string {
	rules := slices.Concat(spec.Rules, spec.Warnings)
	for _, r := range plan.Rules {
		rules = append(rules, r.Rule)
	}
	for _, r := range rules {
		if r.Name == name {
			return r.Doc
		}
	}
	return name
}

// fileURI is a file's name as a reference that is relative to the current directory, which
// for code scanning is the root of the repository; a file elsewhere has an absolute one.
func fileURI(name string) string {
	if filepath.IsAbs(name) {
		if dir, err := os.Getwd(); err == nil {
			if rel, err := filepath.Rel(dir, name); err == nil && filepath.IsLocal(rel) {
				name = rel
			}
		}
	}
	u := url.URL{Path: filepath.ToSlash(name)}
	if filepath.IsAbs(name) {
		u.Scheme = "file"
	}
	return u.String()
}
