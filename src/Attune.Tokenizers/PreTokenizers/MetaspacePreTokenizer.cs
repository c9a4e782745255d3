using System.Text.Json;
using Attune.Tokenizers.Text;

namespace Attune.Tokenizers.PreTokenizers;

/// <summary>Makes spaces visible and cuts before each.</summary>
internal sealed class MetaspacePreTokenizer : IPreTokenizer
{
    private readonly string _mark;

    public MetaspacePreTokenizer(Metaspace settings)
    {
        Settings = settings;
        _mark = settings.Replacement.ToString();
    }

    /// <summary>The settings.</summary>
    public Metaspace Settings { get; }

    public void PreTokenize(PreTokenizedText text)
    {
        var rewriter = text.Rewrite();
        while (rewriter.MoveNext(out var chars, out var editor))
        {
            if (chars.IsEmpty) continue;
            var starts = chars[0] == ' ' || chars.StartsWith(_mark);
            var prepends = Settings.Scheme == PrependScheme.Always || (Settings.Scheme == PrependScheme.First && rewriter.OriginalStart == 0);
            if (prepends && !starts) editor.Prepend(_mark);
            for (int space; (space = chars.IndexOf(' ')) >= 0; chars = chars[(space + 1)..])
            {
                editor.Keep(space);
                editor.Remove(1);
                editor.Insert(_mark);
            }

            editor.Keep(chars.Length);
            if (Settings.Split) Cut(rewriter);
            else rewriter.KeepAll();
        }
    }

    public void Write(Utf8JsonWriter writer) => Settings.Write(writer);

    private void Cut(PieceRewriter rewriter)
    {
        var chars = rewriter.Written;
        var start = 0;
        while (start < chars.Length)
        {
            var next = chars[(start + 1)..].IndexOf(_mark);
            var end = next < 0 ? chars.Length : start + 1 + next;
            rewriter.Keep(start, end);
            start = end;
        }
    }
}
