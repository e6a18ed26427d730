// Command taxes knows the rates of value-added tax.
package main

import (
	_ "embed"
	"encoding/csv"
	"fmt"
	"net/http"
	"strings"

	"github.com/shopspring/decimal"

	"example.com/fleet/lib/service"
)

//go:embed rates.csv
var table string

type rates struct {
	Standard decimal.Decimal `json:"standard"` // percent
	Reduced  decimal.Decimal `json:"reduced"`
}

func main() {
	s := service.New("taxes")
	countries, err := parse(table)
	if err != nil {
		s.Log.Fatal().Err(err).Send()
	}
	s.Handle("GET /rates", func(*http.Request) (any, error) { return countries, nil })
	s.Handle("GET /rates/{country}", func(r *http.Request) (any, error) {
		country := strings.ToUpper(r.PathValue("country"))
		found, ok := countries[country]
		if !ok {
			return nil, service.Missing("country", country)
		}
		return found, nil
	})
	s.Main()
}

func parse(table string) (map[string]rates, error) {
	rows, err := csv.NewReader(strings.NewReader(table)).ReadAll()
	if err != nil {
		return nil, err
	}
	countries := map[string]rates{}
	for _, row := range rows[1:] {
		standard, err := decimal.NewFromString(row[1])
		if err != nil {
			return nil, fmt.Errorf("%s: %w", row[0], err)
		}
		reduced, err := decimal.NewFromString(row[2])
		if err != nil {
			return nil, fmt.Errorf("%s: %w", row[0], err)
		}
		countries[row[0]] = rates{standard, reduced}
	}
	return countries, nil
}
