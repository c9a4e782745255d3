using Attune.Nn.Parameters;

namespace Attune.Backbones.T5;

/// <summary>What T5 and its relatives call their parameters.</summary>
internal static class T5Names
{
    /// <summary>Adds T5's names to those that a relative has of its own, which come first.</summary>
    /// <param name="names">The relative's own.</param>
    /// <param name="body">What the names of the body start with.</param>
    public static ParameterNames Add(ParameterNames names, string body = "")
    {
        names["backbone.(encoder.)embedding.tokens"] = body + "shared.weight";
        names["backbone.(encoder.)scoreBias.table"] = body + "encoder.block.0.layer.0.SelfAttention.relative_attention_bias.weight";
        names["backbone.decoder.scoreBias.table"] = body + "decoder.block.0.layer.0.SelfAttention.relative_attention_bias.weight";
        names["backbone.decoder.layers.norm.*"] = body + "decoder.final_layer_norm.*";
        names["backbone.decoder.layers.{n}.mixer.query.*"] = body + "decoder.block.{n}.layer.0.SelfAttention.q.*";
        names["backbone.decoder.layers.{n}.mixer.key.*"] = body + "decoder.block.{n}.layer.0.SelfAttention.k.*";
        names["backbone.decoder.layers.{n}.mixer.value.*"] = body + "decoder.block.{n}.layer.0.SelfAttention.v.*";
        names["backbone.decoder.layers.{n}.mixer.output.*"] = body + "decoder.block.{n}.layer.0.SelfAttention.o.*";
        names["backbone.decoder.layers.{n}.mixerNorm.*"] = body + "decoder.block.{n}.layer.0.layer_norm.*";
        names["backbone.decoder.layers.{n}.cross.query.*"] = body + "decoder.block.{n}.layer.1.EncDecAttention.q.*";
        names["backbone.decoder.layers.{n}.cross.key.*"] = body + "decoder.block.{n}.layer.1.EncDecAttention.k.*";
        names["backbone.decoder.layers.{n}.cross.value.*"] = body + "decoder.block.{n}.layer.1.EncDecAttention.v.*";
        names["backbone.decoder.layers.{n}.cross.output.*"] = body + "decoder.block.{n}.layer.1.EncDecAttention.o.*";
        names["backbone.decoder.layers.{n}.crossNorm.*"] = body + "decoder.block.{n}.layer.1.layer_norm.*";
        names["backbone.decoder.layers.{n}.feedForward.gate.*"] = body + "decoder.block.{n}.layer.2.DenseReluDense.wi_0.*";
        names["backbone.decoder.layers.{n}.feedForward.value.*"] = body + "decoder.block.{n}.layer.2.DenseReluDense.wi_1.*";
        names["backbone.decoder.layers.{n}.feedForward.up.*"] = body + "decoder.block.{n}.layer.2.DenseReluDense.wi.*";
        names["backbone.decoder.layers.{n}.feedForward.down.*"] = body + "decoder.block.{n}.layer.2.DenseReluDense.wo.*";
        names["backbone.decoder.layers.{n}.feedForwardNorm.*"] = body + "decoder.block.{n}.layer.2.layer_norm.*";
        names["backbone.(encoder.)layers.norm.*"] = body + "encoder.final_layer_norm.*";
        names["backbone.(encoder.)layers.{n}.mixer.query.*"] = body + "encoder.block.{n}.layer.0.SelfAttention.q.*";
        names["backbone.(encoder.)layers.{n}.mixer.key.*"] = body + "encoder.block.{n}.layer.0.SelfAttention.k.*";
        names["backbone.(encoder.)layers.{n}.mixer.value.*"] = body + "encoder.block.{n}.layer.0.SelfAttention.v.*";
        names["backbone.(encoder.)layers.{n}.mixer.output.*"] = body + "encoder.block.{n}.layer.0.SelfAttention.o.*";
        names["backbone.(encoder.)layers.{n}.mixerNorm.*"] = body + "encoder.block.{n}.layer.0.layer_norm.*";
        names["backbone.(encoder.)layers.{n}.feedForward.gate.*"] = body + "encoder.block.{n}.layer.1.DenseReluDense.wi_0.*";
        names["backbone.(encoder.)layers.{n}.feedForward.value.*"] = body + "encoder.block.{n}.layer.1.DenseReluDense.wi_1.*";
        names["backbone.(encoder.)layers.{n}.feedForward.up.*"] = body + "encoder.block.{n}.layer.1.DenseReluDense.wi.*";
        names["backbone.(encoder.)layers.{n}.feedForward.down.*"] = body + "encoder.block.{n}.layer.1.DenseReluDense.wo.*";
        names["backbone.(encoder.)layers.{n}.feedForwardNorm.*"] = body + "encoder.block.{n}.layer.1.layer_norm.*";
        names["seq2seq-lm.table"] = "lm_head.weight";
        return names;
    }
}
