namespace Attune.Tokenizers.Pipeline;

/// <summary>Encodes a segment by sending it through the whole pipeline, added tokens left aside.</summary>
internal static class SegmentEncoding
{
    /// <summary>Encodes a segment in which there is no added token.</summary>
    public static void Encode(TokenizerPipeline pipeline, ReadOnlySpan<char> segment, PipelineWorkspace workspace)
    {
        var pieces = workspace.Pieces;
        pieces.Load(segment);
        pipeline.Normalizer?.Normalize(pieces.Text);
        pieces.TakeWhole();
        pipeline.PreTokenizer?.PreTokenize(pieces);
        foreach (var piece in pieces.Pieces) pipeline.Model.Tokenize(pieces.Text.Chars.Slice(piece.Start, piece.Length), workspace.Output);
    }
}
