namespace Attune.Data.Corpora;

/// <summary>How documents and sentences stand in a plain text file.</summary>
public enum TextLayout
{
    /// <summary>A sentence a line, a blank line between documents.</summary>
    BlankLines,

    /// <summary>Each line that is not blank is a document.</summary>
    Lines,

    /// <summary>The whole file is one document with one "sentence": its text unchanged, line ends included.</summary>
    WholeFile,
}
