using Attune.Tokenizers.Components;
using Attune.Tokenizers.PreTokenizers;

namespace Attune.Tokenizers.Decoders;

/// <summary>All decoders that <c>tokenizer.json</c> can name.</summary>
internal static class DecoderTable
{
    /// <summary>The table: one line a decoder.</summary>
    public static ComponentTable<IDecoder> All { get; } = new("decoder", new()
    {
        ["BPEDecoder"] = fields => new BpeDecoder(fields.String("suffix", "</w>")),
        ["ByteFallback"] = _ => new ByteFallbackDecoder(),
        ["ByteLevel"] = ByteLevelDecoder.Read,
        ["CTC"] = CtcDecoder.Read,
        ["Fuse"] = _ => new FuseDecoder(),
        ["Metaspace"] = fields => new MetaspaceDecoder(Metaspace.Read(fields)),
        ["Replace"] = ReplaceDecoder.Read,
        ["Sequence"] = fields => new DecoderSequence(All!.ReadAll(fields, "decoders")),
        ["Strip"] = StripDecoder.Read,
        ["WordPiece"] = fields => new WordPieceDecoder(fields.String("prefix", "##"), fields.Bool("cleanup", true)),
    });
}
