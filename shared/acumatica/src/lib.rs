//! acumatica
