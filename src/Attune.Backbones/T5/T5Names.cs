using Attune.Nn.Parameters;

namespace Attune.Backbones.T5;

/// <summary>What T5 and its relatives call their parameters.</summary>
internal static class T5Names
{
    /// <summary>Adds T5's names to those that a relative has of its own, which come first.</summary>
    public static ParameterNames Add(ParameterNames names)
    {
        names["backbone.(encoder.)embedding.tokens"] = "shared.weight";
        names["backbone.(encoder.)scoreBias.table"] = "encoder.block.0.layer.0.SelfAttention.relative_attention_bias.weight";
        names["backbone.decoder.scoreBias.table"] = "decoder.block.0.layer.0.SelfAttention.relative_attention_bias.weight";
        names["backbone.decoder.layers.norm.*"] = "decoder.final_layer_norm.*";
        names["backbone.decoder.layers.{n}.mixer.query.*"] = "decoder.block.{n}.layer.0.SelfAttention.q.*";
        names["backbone.decoder.layers.{n}.mixer.key.*"] = "decoder.block.{n}.layer.0.SelfAttention.k.*";
        names["backbone.decoder.layers.{n}.mixer.value.*"] = "decoder.block.{n}.layer.0.SelfAttention.v.*";
        names["backbone.decoder.layers.{n}.mixer.output.*"] = "decoder.block.{n}.layer.0.SelfAttention.o.*";
        names["backbone.decoder.layers.{n}.mixerNorm.*"] = "decoder.block.{n}.layer.0.layer_norm.*";
        names["backbone.decoder.layers.{n}.cross.query.*"] = "decoder.block.{n}.layer.1.EncDecAttention.q.*";
        names["backbone.decoder.layers.{n}.cross.key.*"] = "decoder.block.{n}.layer.1.EncDecAttention.k.*";
        names["backbone.decoder.layers.{n}.cross.value.*"] = "decoder.block.{n}.layer.1.EncDecAttention.v.*";
        names["backbone.decoder.layers.{n}.cross.output.*"] = "decoder.block.{n}.layer.1.EncDecAttention.o.*";
        names["backbone.decoder.layers.{n}.crossNorm.*"] = "decoder.block.{n}.layer.1.layer_norm.*";
        names["backbone.decoder.layers.{n}.feedForward.gate.*"] = "decoder.block.{n}.layer.2.DenseReluDense.wi_0.*";
        names["backbone.decoder.layers.{n}.feedForward.value.*"] = "decoder.block.{n}.layer.2.DenseReluDense.wi_1.*";
        names["backbone.decoder.layers.{n}.feedForward.up.*"] = "decoder.block.{n}.layer.2.DenseReluDense.wi.*";
        names["backbone.decoder.layers.{n}.feedForward.down.*"] = "decoder.block.{n}.layer.2.DenseReluDense.wo.*";
        names["backbone.decoder.layers.{n}.feedForwardNorm.*"] = "decoder.block.{n}.layer.2.layer_norm.*";
        names["backbone.(encoder.)layers.norm.*"] = "encoder.final_layer_norm.*";
        names["backbone.(encoder.)layers.{n}.mixer.query.*"] = "encoder.block.{n}.layer.0.SelfAttention.q.*";
        names["backbone.(encoder.)layers.{n}.mixer.key.*"] = "encoder.block.{n}.layer.0.SelfAttention.k.*";
        names["backbone.(encoder.)layers.{n}.mixer.value.*"] = "encoder.block.{n}.layer.0.SelfAttention.v.*";
        names["backbone.(encoder.)layers.{n}.mixer.output.*"] = "encoder.block.{n}.layer.0.SelfAttention.o.*";
        names["backbone.(encoder.)layers.{n}.mixerNorm.*"] = "encoder.block.{n}.layer.0.layer_norm.*";
        names["backbone.(encoder.)layers.{n}.feedForward.gate.*"] = "encoder.block.{n}.layer.1.DenseReluDense.wi_0.*";
        names["backbone.(encoder.)layers.{n}.feedForward.value.*"] = "encoder.block.{n}.layer.1.DenseReluDense.wi_1.*";
        names["backbone.(encoder.)layers.{n}.feedForward.up.*"] = "encoder.block.{n}.layer.1.DenseReluDense.wi.*";
        names["backbone.(encoder.)layers.{n}.feedForward.down.*"] = "encoder.block.{n}.layer.1.DenseReluDense.wo.*";
        names["backbone.(encoder.)layers.{n}.feedForwardNorm.*"] = "encoder.block.{n}.layer.1.layer_norm.*";
        names["seq2seq-lm.table"] = "lm_head.weight";
        return names;
    }
}
