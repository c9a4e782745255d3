using Attune.Nn.Contracts;
using Attune.Nn.OutputHeads;
using Attune.Tensors;

namespace Attune;

/// <summary>Runs a model and all its heads on token ids of a given shape, whatever the model is: to measure or to warm it up.</summary>
public static class ModelProbe
{
    /// <summary>Runs the model. On a measuring tape nothing is computed and the model needs no values.</summary>
    /// <param name="pass">The pass.</param>
    /// <param name="model">The model.</param>
    /// <param name="sequences">The number of sequences.</param>
    /// <param name="length">The tokens of each; an encoder-decoder's target has as many as its source.</param>
    /// <exception cref="ArgumentException">The model does not take sequences of this length.</exception>
    public static void Run(Pass pass, Model model, int sequences, int length)
    {
        var batch = new TokenBatch { Ids = new int[checked(sequences * length)], Segments = Segments.Equal(sequences, length) };
        BackboneOutput output = model.Backbone is IEncoderDecoder both ? both.Decode(pass, batch, both.Encode(pass, batch)) : model.Forward(pass, batch);
        foreach (IHead head in model.Heads)
        {
            switch (head)
            {
                case ITokenHead tokens:
                    tokens.Logits(pass, output);
                    break;
                case ISequenceHead whole:
                    whole.Logits(pass, output);
                    break;
                case IBoundaryHead boundary:
                    int[] first = [.. Enumerable.Range(0, sequences).Select(s => s * length)];
                    boundary.Logits(pass, output, new BoundaryTargets(first, first, new int[sequences], new int[sequences]));
                    break;
                case IGeneratorHead generator:
                    generator.Logits(pass, generator.Forward(pass, batch));
                    break;
                case BeamSpanHead beams:
                    beams.EndLogits(pass.Tape, output.Hidden, output.Hidden);
                    break;
                case ISpanHead spans:
                    spans.Logits(pass, output);
                    break;
            }
        }
    }
}
