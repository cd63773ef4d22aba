// Prints, as JSON, what Docker Compose reads in each of the env files whose paths stand in the JSON file
// that is named: a list of objects in the same order.
package main

import (
	"bytes"
	"encoding/json"
	"os"

	"github.com/compose-spec/compose-go/v2/dotenv"
)

func main() {
	list := must(os.ReadFile(os.Args[1]))
	var files []string
	check(json.Unmarshal(list, &files))
	read := make([]map[string]string, len(files))
	// Nothing outside of the file is known, so that what it refers to is empty.
	unknown := func(string) (string, bool) { return "", false }
	for index, file := range files {
		read[index] = must(dotenv.ParseWithLookup(bytes.NewReader(must(os.ReadFile(file))), unknown))
	}
	check(json.NewEncoder(os.Stdout).Encode(read))
}

func must[T any](value T, err error) T {
	check(err)
	return value
}

func check(err error) {
	if err != nil {
		panic(err)
	}
}
