using System.Text;
using Attune.Formats;

namespace Attune.Data.Corpora;

/// <summary>Plain text files (UTF-8, plain or gzip).</summary>
public sealed class PlainTextCorpus : ITextCorpus
{
    /// <summary>The longest document accepted, in characters.</summary>
    public const int MaxDocumentLength = 1 << 28;

    private readonly IReadOnlyList<string> _paths;
    private readonly TextLayout _layout;

    /// <summary>Describes the corpus; nothing is read yet.</summary>
    /// <param name="paths">The files, in order.</param>
    /// <param name="layout">How documents stand in them.</param>
    /// <exception cref="AttuneFormatException">A file is missing.</exception>
    public PlainTextCorpus(IReadOnlyList<string> paths, TextLayout layout = TextLayout.BlankLines)
    {
        _paths = paths;
        _layout = layout;
        Name = paths.Count == 1 ? paths[0] : $"{paths.Count} text files";
        Fingerprint = CorpusFingerprint.Of([$"text|{layout}", .. CorpusFingerprint.Files(paths)]);
    }

    /// <inheritdoc/>
    public string Name { get; }

    /// <inheritdoc/>
    public string Fingerprint { get; }

    /// <inheritdoc/>
    public IEnumerable<TextDocument> Documents() => _paths.SelectMany(path => _layout switch
    {
        TextLayout.Lines => Lines(path),
        TextLayout.WholeFile => WholeFile(path),
        _ => BlankLines(path),
    });

    private static IEnumerable<TextDocument> Lines(string path) => TextLines.Read(path)
        .Where(line => !string.IsNullOrWhiteSpace(line.Text))
        .Select(line => new TextDocument($"{path}, line {line.Number}", [line.Text]));

    private static IEnumerable<TextDocument> BlankLines(string path)
    {
        List<string> sentences = [];
        long start = 1, length = 0;
        foreach (TextLine line in TextLines.Read(path))
        {
            if (string.IsNullOrWhiteSpace(line.Text))
            {
                if (sentences.Count > 0) yield return new TextDocument($"{path}, line {start}", [.. sentences]);
                sentences.Clear();
                length = 0;
                continue;
            }
            if (sentences.Count == 0) start = line.Number;
            sentences.Add(line.Text);
            length = Bounded(path, start, length + line.Text.Length);
        }
        if (sentences.Count > 0) yield return new TextDocument($"{path}, line {start}", sentences);
    }

    private static IEnumerable<TextDocument> WholeFile(string path)
    {
        using Stream stream = DataFile.Open(path);
        StringBuilder text = new();
        foreach (string piece in TextPieces.Read(stream, path))
        {
            text.Append(piece);
            Bounded(path, 1, text.Length);
        }
        if (text.Length > 0) yield return new TextDocument(path, [text.ToString()]);
    }

    private static long Bounded(string path, long line, long length) => length <= MaxDocumentLength
        ? length
        : throw new AttuneFormatException(path, $"document at line {line}", $"more than {MaxDocumentLength} characters", "shorter documents", "Put blank lines between documents, or read each line as a document.");
}
