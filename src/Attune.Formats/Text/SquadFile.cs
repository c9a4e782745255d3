using System.Text;
using System.Text.Json;
using System.Text.Unicode;

namespace Attune.Formats;

/// <summary>A question of a SQuAD file.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Title">The article's title; empty if the file has none.</param>
/// <param name="Context">The paragraph.</param>
/// <param name="Question">The question.</param>
/// <param name="Answers">The accepted answers; empty for a question without answer (SQuAD 2.0) or without key.</param>
/// <param name="IsImpossible">Whether the paragraph does not answer it (SQuAD 2.0).</param>
public sealed record SquadQuestion(string Id, string Title, string Context, string Question, IReadOnlyList<SquadAnswer> Answers, bool IsImpossible);

/// <summary>An accepted answer.</summary>
/// <param name="Text">Its text.</param>
/// <param name="Start">Where it begins in the paragraph, in Unicode code points.</param>
public readonly record struct SquadAnswer(string Text, int Start);

/// <summary>Reads SQuAD 1.1 and 2.0 JSON files (plain or gzip).</summary>
public static class SquadFile
{
    /// <summary>The largest file accepted, in bytes of JSON.</summary>
    public const int MaxBytes = 512 << 20;

    /// <summary>Reads all questions in the order of the file.</summary>
    /// <exception cref="AttuneFormatException">Missing file, bad JSON, or a field that is missing or of another kind; names the place.</exception>
    public static IReadOnlyList<SquadQuestion> Read(string path)
    {
        ReadOnlyMemory<byte> bytes = ReadWhole(path);
        if (!Utf8.IsValid(bytes.Span)) throw new AttuneFormatException(path, "JSON", "bytes that are not UTF-8", "UTF-8 text");
        try
        {
            using JsonDocument document = JsonDocument.Parse(bytes, JsonLimits.Options);
            List<SquadQuestion> questions = [];
            int article = 0;
            foreach (JsonElement entry in Items(path, document.RootElement, "data", "the file"))
                ReadArticle(path, entry, $"data[{article++}]", questions);
            return questions;
        }
        // The second is thrown where a string holds an escaped half of a surrogate pair.
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            throw new AttuneFormatException(JsonFault.Describe(e), path, e);
        }
    }

    private static ReadOnlyMemory<byte> ReadWhole(string path)
    {
        using Stream stream = DataFile.Open(path);
        return BoundedStream.ReadToEnd(stream, MaxBytes, path);
    }

    private static void ReadArticle(string path, JsonElement article, string place, List<SquadQuestion> questions)
    {
        string title = article.ValueKind == JsonValueKind.Object && article.TryGetProperty("title", out JsonElement t) && t.ValueKind == JsonValueKind.String ? t.GetString()! : "";
        int paragraph = 0;
        foreach (JsonElement entry in Items(path, article, "paragraphs", place))
        {
            string at = $"{place}.paragraphs[{paragraph++}]";
            string context = Text(path, entry, "context", at);
            int length = CountCodePoints(context);
            int question = 0;
            foreach (JsonElement qa in Items(path, entry, "qas", at))
                questions.Add(ReadQuestion(path, qa, $"{at}.qas[{question++}]", title, context, length));
        }
    }

    private static SquadQuestion ReadQuestion(string path, JsonElement qa, string place, string title, string context, int length)
    {
        List<SquadAnswer> answers = [];
        if (qa.ValueKind == JsonValueKind.Object && qa.TryGetProperty("answers", out _))
        {
            foreach (JsonElement answer in Items(path, qa, "answers", place))
            {
                string text = Text(path, answer, "text", $"{place}.answers");
                if (!answer.TryGetProperty("answer_start", out JsonElement start) || start.ValueKind != JsonValueKind.Number || !start.TryGetInt32(out int at) || at < 0 || at > length)
                    throw new AttuneFormatException(path, $"field '{place}.answers.answer_start'", "nothing, or no place in the paragraph", $"an integer from 0 to {length}");
                answers.Add(new SquadAnswer(text, at));
            }
        }
        bool impossible = qa.ValueKind == JsonValueKind.Object && qa.TryGetProperty("is_impossible", out JsonElement flag) && flag.ValueKind == JsonValueKind.True;
        return new SquadQuestion(Text(path, qa, "id", place), title, context, Text(path, qa, "question", place), answers, impossible);
    }

    private static JsonElement.ArrayEnumerator Items(string path, JsonElement parent, string name, string place) =>
        parent.ValueKind == JsonValueKind.Object && parent.TryGetProperty(name, out JsonElement items) && items.ValueKind == JsonValueKind.Array
            ? items.EnumerateArray()
            : throw new AttuneFormatException(path, $"field '{name}' of {place}", "nothing, or no array", "an array, as SQuAD files have it");

    private static string Text(string path, JsonElement parent, string name, string place) =>
        parent.ValueKind == JsonValueKind.Object && parent.TryGetProperty(name, out JsonElement text) && text.ValueKind == JsonValueKind.String
            ? text.GetString()!
            : throw new AttuneFormatException(path, $"field '{place}.{name}'", "nothing, or no string", "a string");

    private static int CountCodePoints(string text)
    {
        int count = 0;
        foreach (Rune _ in text.EnumerateRunes()) count++;
        return count;
    }
}
