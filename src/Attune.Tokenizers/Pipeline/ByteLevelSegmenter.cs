using Attune.Tokenizers.Models;
using Attune.Tokenizers.PreTokenizers;
using Attune.Tokenizers.Text;

namespace Attune.Tokenizers.Pipeline;

/// <summary>Segments for GPT-2's kind of pipeline: the words of its pattern, which depend on nothing once they are cut.</summary>
internal sealed class ByteLevelSegmenter : ISegmenter
{
    private readonly ITokenModel _model;

    private ByteLevelSegmenter(ITokenModel model) => _model = model;

    /// <summary>A segmenter for a pipeline, or null if it is not of this kind.</summary>
    public static ByteLevelSegmenter? For(TokenizerPipeline pipeline) =>
        pipeline is { Normalizer: null, PreTokenizer: ByteLevelPreTokenizer { AddPrefixSpace: false, UseRegex: true } } ? new(pipeline.Model) : null;

    public void Next(ReadOnlySpan<char> text, out int skip, out int length)
    {
        skip = 0;
        length = Gpt2Words.Length(text);
    }

    public void Encode(ReadOnlySpan<char> segment, PipelineWorkspace workspace)
    {
        var (raw, text) = (workspace.Raw, workspace.Normalized);
        raw.Load(segment);
        text.Clear();
        var editor = new TextEditor(raw, text, 0, raw.Length, 0);
        ByteAlphabet.Expand(raw.Chars, ref editor);
        _model.Tokenize(text.Chars, workspace.Output);
    }
}
