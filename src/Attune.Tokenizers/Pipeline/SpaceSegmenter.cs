using Attune.Tokenizers.Normalizers;
using Attune.Tokenizers.PreTokenizers;

namespace Attune.Tokenizers.Pipeline;

/// <summary>Segments for SentencePiece's kind of pipeline that splits at white space and marks every word: what lies between plain spaces.</summary>
/// <remarks>Only a space between two ASCII characters is a cut, so that no grapheme, for which rules may apply, is ever cut.</remarks>
internal sealed class SpaceSegmenter : ISegmenter
{
    private readonly TokenizerPipeline _pipeline;

    private SpaceSegmenter(TokenizerPipeline pipeline) => _pipeline = pipeline;

    /// <summary>A segmenter for a pipeline, or null if it is not of this kind.</summary>
    public static SpaceSegmenter? For(TokenizerPipeline pipeline)
    {
        if (pipeline.PreTokenizer is not PreTokenizerSequence { Members: [WhitespaceSplit, MetaspacePreTokenizer { Settings.Scheme: not PrependScheme.First }] }) return null;
        return IsLocal(pipeline.Normalizer) ? new SpaceSegmenter(pipeline) : null;
    }

    public void Next(ReadOnlySpan<char> text, out int skip, out int length)
    {
        var at = 0;
        while (at + 1 < text.Length && text[at] == ' ' && text[at + 1] < 0x80) at++;
        skip = at;
        for (at++; at + 1 < text.Length; at++)
        {
            if (text[at] == ' ' && text[at - 1] < 0x80 && text[at + 1] < 0x80) break;
        }

        length = Math.Min(at + (at + 1 == text.Length ? 1 : 0), text.Length) - skip;
    }

    public void Encode(ReadOnlySpan<char> segment, PipelineWorkspace workspace) => SegmentEncoding.Encode(_pipeline, segment, workspace);

    private static bool IsLocal(INormalizer? normalizer) => normalizer switch
    {
        null or PrecompiledNormalizer or LowercaseNormalizer or UnicodeNormalizer or StripAccentsNormalizer or BertNormalizer or NmtNormalizer => true,
        ReplaceNormalizer replace => replace.IsLocalToWords,
        NormalizerSequence sequence => sequence.Members.All(IsLocal),
        _ => false,
    };
}
