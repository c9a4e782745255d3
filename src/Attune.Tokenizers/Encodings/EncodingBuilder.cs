namespace Attune.Tokenizers;

/// <summary>Collects the tokens of one sequence.</summary>
internal sealed class EncodingBuilder(int typeId)
{
    private readonly List<int> _ids = [];
    private readonly List<string> _tokens = [];
    private readonly List<TextSpan> _offsets = [];
    private readonly List<int?> _words = [];

    /// <summary>Adds a token.</summary>
    public void Add(int id, string token, TextSpan offsets, int word)
    {
        _ids.Add(id);
        _tokens.Add(token);
        _offsets.Add(offsets);
        _words.Add(word);
    }

    /// <summary>What was collected.</summary>
    public EncodingColumns Build()
    {
        var attention = new bool[_ids.Count];
        Array.Fill(attention, true);
        return new EncodingColumns(
            [.. _ids], new int[_ids.Count], [.. _tokens], [.. _offsets], [.. _words], new int?[_ids.Count], new bool[_ids.Count], attention).WithTypeId(typeId);
    }
}
