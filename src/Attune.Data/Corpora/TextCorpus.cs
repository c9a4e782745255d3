using Attune.Formats;

namespace Attune.Data.Corpora;

/// <summary>Opens whatever a path holds as a corpus: a file, or a folder with files below it.</summary>
public static class TextCorpus
{
    private static readonly string[] s_extensions = [".txt", ".text", ".md", ".jsonl", ".csv", ".tsv"];

    /// <summary>Opens a file or a folder. Folders are searched at all depths for text, JSONL, CSV and TSV files (also gzip), in ordinal order.</summary>
    /// <param name="path">The file or folder.</param>
    /// <param name="layout">How documents stand in plain text.</param>
    /// <param name="field">The JSONL field or table column that holds the text.</param>
    /// <exception cref="AttuneFormatException">Nothing there, or no file that can be read.</exception>
    public static ITextCorpus Open(string path, TextLayout layout = TextLayout.BlankLines, string field = "text")
    {
        string[] files = Directory.Exists(path) ? Below(path) : File.Exists(path) ? [path] : throw new AttuneFormatException("there is no such file or folder.", path);
        ITextCorpus[] parts = [.. files.GroupBy(Kind).Select(group => Part(group.Key, [.. group], layout, field))];
        return parts.Length == 1 ? parts[0] : new JoinedCorpus(path, parts);
    }

    /// <summary>The sentences of all documents, to train a tokenizer on.</summary>
    /// <exception cref="AttuneFormatException">There is nothing but white space, or a file is missing or faulty.</exception>
    public static IEnumerable<string> Sentences(ITextCorpus corpus)
    {
        IEnumerable<string> sentences = corpus.Documents().SelectMany(document => document.Sentences);
        return sentences.All(string.IsNullOrWhiteSpace)
            ? throw new AttuneFormatException("the text is empty: there is nothing to train a tokenizer on.", corpus.Name)
            : sentences;
    }

    private static string[] Below(string folder)
    {
        string[] files = [.. Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories)
            .Where(file => s_extensions.Contains(DataFile.Extension(file)))
            .Order(StringComparer.Ordinal)];
        return files.Length > 0 ? files : throw new AttuneFormatException($"the folder holds no text: none of *{string.Join(", *", s_extensions)} (also .gz) is below it.", folder);
    }

    private static string Kind(string file) => DataFile.Extension(file) switch
    {
        ".jsonl" => "jsonl",
        ".csv" or ".tsv" => "table",
        _ => "text",
    };

    private static ITextCorpus Part(string kind, string[] files, TextLayout layout, string field) => kind switch
    {
        "jsonl" => new JsonLinesCorpus(files, field),
        "table" => new TableCorpus(files, field),
        _ => new PlainTextCorpus(files, layout),
    };

    private sealed class JoinedCorpus(string name, IReadOnlyList<ITextCorpus> parts) : ITextCorpus
    {
        public string Name => name;

        public string Fingerprint { get; } = CorpusFingerprint.Of(parts.Select(part => part.Fingerprint));

        public IEnumerable<TextDocument> Documents() => parts.SelectMany(part => part.Documents());
    }
}
