namespace Attune.Tokenizers;

/// <summary>Decodes ids one by one, as a model generates them, and gives text as soon as it cannot change any more.</summary>
/// <remarks>Text is held back while it ends in an incomplete character. One decoder serves one stream; not thread-safe.</remarks>
/// <param name="tokenizer">The tokenizer.</param>
/// <param name="skipSpecialTokens">Whether special tokens leave no trace.</param>
public sealed class StreamDecoder(ITokenizer tokenizer, bool skipSpecialTokens = true)
{
    // The ids whose text may still be part of an unfinished character or that show the decoder where a word began.
    private readonly List<int> _ids = [];
    private string _given = "";
    private int _settled;

    /// <summary>Takes one more id.</summary>
    /// <returns>The text that is now certain and was not given before; perhaps empty.</returns>
    public string Push(int id)
    {
        _ids.Add(id);
        var text = Decode();
        if (text.EndsWith('\uFFFD') || text.Length <= _given.Length) return "";
        var news = text[_given.Length..];
        // Older ids are forgotten; those since the last output stay, since a decoder treats the first token of a text differently.
        _ids.RemoveRange(0, _settled);
        _settled = _ids.Count;
        _given = Decode();
        return news;
    }

    /// <summary>Ends the stream.</summary>
    /// <returns>The text that was held back, with U+FFFD for what was never finished.</returns>
    public string Finish()
    {
        var text = Decode();
        var news = text.Length > _given.Length ? text[_given.Length..] : "";
        _ids.Clear();
        (_given, _settled) = ("", 0);
        return news;
    }

    private string Decode() => tokenizer.Decode(System.Runtime.InteropServices.CollectionsMarshal.AsSpan(_ids), skipSpecialTokens);
}
