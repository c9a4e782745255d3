using Attune.Tokenizers.Normalizers;
using Attune.Tokenizers.PreTokenizers;

namespace Attune.Tokenizers.Pipeline;

/// <summary>Segments for BERT's kind of pipeline: what lies between ASCII white space and ASCII punctuation, and each punctuation character.</summary>
/// <remarks>
/// The normalizers allowed here never look across those characters: decomposition and mark stripping work within what follows a
/// starter, which they all are, and the rest works character by character.
/// </remarks>
internal sealed class WordSegmenter : ISegmenter
{
    private const byte Inside = 0;
    private const byte Space = 1;
    private const byte Punctuation = 2;

    private static readonly byte[] Kinds = MakeKinds();

    private readonly TokenizerPipeline _pipeline;

    private WordSegmenter(TokenizerPipeline pipeline) => _pipeline = pipeline;

    /// <summary>A segmenter for a pipeline, or null if it is not of this kind.</summary>
    public static WordSegmenter? For(TokenizerPipeline pipeline) =>
        pipeline is { Normalizer: null or BertNormalizer or LowercaseNormalizer, PreTokenizer: BertPreTokenizer } ? new(pipeline) : null;

    public void Next(ReadOnlySpan<char> text, out int skip, out int length)
    {
        var kinds = Kinds;
        var at = 0;
        while (at < text.Length && text[at] < kinds.Length && kinds[text[at]] == Space) at++;
        skip = at;
        length = 0;
        if (at == text.Length) return;
        if (text[at] < kinds.Length && kinds[text[at]] == Punctuation)
        {
            length = 1;
            return;
        }

        for (at++; at < text.Length; at++)
        {
            var c = text[at];
            if (c < kinds.Length && kinds[c] != Inside) break;
        }

        length = at - skip;
    }

    public void Encode(ReadOnlySpan<char> segment, PipelineWorkspace workspace) => SegmentEncoding.Encode(_pipeline, segment, workspace);

    private static byte[] MakeKinds()
    {
        var kinds = new byte[0x80];
        foreach (var c in " \t\n\r") kinds[c] = Space;
        for (var c = 0; c < kinds.Length; c++)
        {
            if (char.IsAscii((char)c) && (char.IsPunctuation((char)c) || char.IsSymbol((char)c))) kinds[c] = Punctuation;
        }

        return kinds;
    }
}
