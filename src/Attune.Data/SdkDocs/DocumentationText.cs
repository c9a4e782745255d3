using System.Text;
using System.Xml;

namespace Attune.Data.SdkDocs;

/// <summary>Turns the XML inside of a documentation comment into readable sentences.</summary>
internal static class DocumentationText
{
    private const int MinWords = 4, MaxLength = 1000;

    private static readonly string[] s_abbreviations = ["e.g.", "i.e.", "etc.", "vs.", "cf.", "approx.", "no.", "fig.", "inc."];

    /// <summary>Reads the element the reader stands on and adds its sentences. The reader ends behind the element.</summary>
    public static void AddSentences(XmlReader reader, List<string> sentences)
    {
        StringBuilder text = new();
        int depth = reader.Depth;
        if (reader.IsEmptyElement)
        {
            reader.Read();
            return;
        }
        reader.Read();
        while (reader.Depth > depth)
        {
            bool advanced = Append(reader, text, sentences);
            if (!advanced) reader.Read();
        }
        reader.Read();
        Flush(text, sentences);
    }

    // Returns whether the reader was moved on.
    private static bool Append(XmlReader reader, StringBuilder text, List<string> sentences)
    {
        switch (reader.NodeType)
        {
            case XmlNodeType.Text or XmlNodeType.CDATA or XmlNodeType.SignificantWhitespace or XmlNodeType.Whitespace:
                text.Append(reader.Value);
                return false;
            case XmlNodeType.Element when reader.Name is "code" or "list" or "format" or "threadsafety":
                // Code is no English, and lists are mostly tables of names.
                Flush(text, sentences);
                reader.Skip();
                return true;
            case XmlNodeType.Element when Reference(reader) is { } reference:
                text.Append(reference);
                reader.Skip();
                return true;
            case XmlNodeType.Element or XmlNodeType.EndElement when reader.Name is "para" or "br":
                Flush(text, sentences);
                return false;
            default:
                return false;
        }
    }

    private static string? Reference(XmlReader reader)
    {
        if (reader.Name is "paramref" or "typeparamref") return reader.GetAttribute("name") ?? "";
        if (reader.Name is not ("see" or "seealso")) return null;
        if (reader.GetAttribute("langword") is { } word) return word;
        if (reader.GetAttribute("cref") is { } reference) return Name(reference);
        // A link: its own text is read as text.
        return reader.IsEmptyElement ? "" : null;
    }

    /// <summary>The readable name of a reference: <c>T:System.IO.File</c> is "File", <c>M:System.IO.File.Open(System.String)</c> is "File.Open".</summary>
    internal static string Name(string reference)
    {
        ReadOnlySpan<char> name = reference;
        char kind = name.Length > 1 && name[1] == ':' ? name[0] : 'T';
        if (name.Length > 1 && name[1] == ':') name = name[2..];
        int parameters = name.IndexOf('(');
        if (parameters >= 0) name = name[..parameters];
        int parts = kind is 'T' or 'N' or '!' ? 1 : 2;
        string[] path = name.ToString().Split('.');
        IEnumerable<string> shown = kind == 'N' ? path : path.Skip(Math.Max(0, path.Length - parts));
        string[] readable = [.. shown.Select(WithoutArity)];
        // "#ctor" is the type itself.
        return string.Join('.', readable.Where(part => !part.StartsWith('#')));
    }

    private static string WithoutArity(string part)
    {
        int tick = part.IndexOf('`');
        return tick >= 0 ? part[..tick] : part;
    }

    private static void Flush(StringBuilder text, List<string> sentences)
    {
        if (text.Length > 0) Split(Normalize(text), sentences);
        text.Clear();
    }

    private static string Normalize(StringBuilder text)
    {
        StringBuilder plain = new(text.Length);
        for (int i = 0; i < text.Length; i++)
        {
            char c = text[i];
            if (!char.IsWhiteSpace(c)) plain.Append(c);
            else if (plain.Length > 0 && plain[^1] != ' ') plain.Append(' ');
        }
        return plain.ToString().Trim();
    }

    // A sentence ends at . ! or ? before a blank and a capital letter, unless an abbreviation stands there.
    private static void Split(string text, List<string> sentences)
    {
        int start = 0;
        for (int i = 0; i < text.Length; i++)
        {
            if (text[i] is not ('.' or '!' or '?')) continue;
            bool last = i == text.Length - 1;
            if (!last && !(i + 2 < text.Length && text[i + 1] == ' ' && char.IsUpper(text[i + 2]))) continue;
            if (!last && Array.Exists(s_abbreviations, word => text.AsSpan(start, i + 1 - start).EndsWith(word, StringComparison.OrdinalIgnoreCase))) continue;
            Add(text[start..(i + 1)], sentences);
            start = Math.Min(i + 2, text.Length);
        }
    }

    // Text without a full stop or a capital letter is a fragment: a heading, a signature, an instruction's name.
    private static void Add(string sentence, List<string> sentences)
    {
        if (sentence.Length > MaxLength || !char.IsUpper(sentence[0]) || Corpora.CorpusStatistics.CountWords(sentence) < MinWords) return;
        int letters = sentence.Count(c => char.IsAsciiLetter(c) || c == ' ');
        if (letters * 10 >= sentence.Length * 8) sentences.Add(sentence);
    }
}
